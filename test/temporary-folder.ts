import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** An empty folder. It goes with all others when the tests are through (temporary-root.ts). */
export const temporaryFolder = (): string => mkdtempSync(join(tmpdir(), 'maskbench-test-'));
