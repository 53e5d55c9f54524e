import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Vitest's globalSetup: what tests and the programs that they start write for a while lies in one folder, which is removed in the end. */
let root: string;

export function setup(): void {
  root = mkdtempSync(join(tmpdir(), 'maskbench-tests-'));
  process.env['TMPDIR'] = root;
}

export function teardown(): void {
  rmSync(root, { recursive: true, force: true });
}
