import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

const prefix = 'mb-tests-';
let root: string | null = null;

/**
 * Vitest's globalSetup: what tests and the programs that they start write for a while lies in one folder, which is removed in the end. Once for all
 * projects, and with a short name: Chromium's socket lies in it, whose path has room for about a hundred characters.
 */
export function setup(): void {
  if (basename(tmpdir()).startsWith(prefix)) return;
  root = mkdtempSync(join(tmpdir(), prefix));
  process.env['TMPDIR'] = root;
}

export function teardown(): void {
  if (root !== null) rmSync(root, { recursive: true, force: true });
}
