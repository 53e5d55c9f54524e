import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const bin = join(root, 'bin', 'maskbench.js');

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** What was loaded, one line each: `import <url>`, `require <file>`, `addon <file>`. */
  readonly loaded: readonly string[];
}

export interface CommandOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Closes the command's stdout after the first piece of output, as `head` does. */
  readonly hangUp?: boolean;
  /** Sends SIGINT, as Ctrl-C does, when stderr says this. */
  readonly interruptAt?: RegExp;
  /** Records what the command loads. */
  readonly record?: boolean;
}

/** Runs `maskbench` as a person does and waits for its end. Store and cache are empty folders of its own. */
export async function maskbench(args: readonly string[], options: CommandOptions = {}): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), 'maskbench-cli-'));
  try {
    const record = join(folder, 'loaded.txt');
    const preload = options.record === true ? ['--import', fileURLToPath(new URL('record-imports.mjs', import.meta.url))] : [];
    const env = { ...process.env, MASKBENCH_STORE: join(folder, 'store'), MASKBENCH_CACHE: join(folder, 'cache'), NO_COLOR: '1', RECORD: record, ...options.env };
    const child = spawn(process.execPath, [...preload, bin, ...args], { cwd: options.cwd ?? root, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      if (options.hangUp === true) child.stdout.destroy();
    });
    let interrupted = false;
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
      if (!interrupted && options.interruptAt?.test(stderr) === true) interrupted = child.kill('SIGINT');
    });
    const code = await new Promise<number | null>((resolve, reject) => {
      child.on('error', reject).on('close', resolve);
    });
    const loaded = existsSync(record) ? [...new Set(readFileSync(record, 'utf8').trim().split('\n'))] : [];
    // Building a stale checkout says one or two lines; they are not the command's.
    return { code, stdout, stderr: stderr.replace(/^maskbench: (building|built).*\n/gm, ''), loaded };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
