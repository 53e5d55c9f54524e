import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { finished } from 'node:stream/promises';
import { messageOf } from '../../errors.js';
import { cacheError } from './cache-error.js';

export interface CommandOptions {
  readonly environment?: NodeJS.ProcessEnv;
  readonly folder?: string;
  /** Everything that the command writes goes here, after a line with the command itself. */
  readonly log: string;
  readonly onLine?: (line: string) => void;
}

/** What came of a command. `code` is null when it could not be started. */
export interface CommandResult { readonly code: number | null; readonly stdout: string }

/** Runs a program to its end, without a shell. Never throws for what the program does; EngineError where the log cannot be written. */
export async function runCommand(program: string, args: readonly string[], options: CommandOptions): Promise<CommandResult> {
  await mkdir(dirname(options.log), { recursive: true });
  const log = createWriteStream(options.log, { flags: 'a' });
  // Listened to from the start: an error of a stream that nobody hears ends the process.
  const written = finished(log);
  written.catch(() => undefined);
  log.write(`$ ${[program, ...args.map((arg) => (/[\s"']/.test(arg) ? JSON.stringify(arg.slice(0, 80)) : arg))].join(' ')}\n`);
  const result = await new Promise<CommandResult>((resolve) => {
    let stdout = '';
    let rest = '';
    const child = spawn(program, args, { cwd: options.folder, env: options.environment ?? process.env, stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.on('data', (chunk: Buffer) => {
      const text = chunk.toString();
      stdout += text;
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) options.onLine?.(line);
      log.write(chunk);
    });
    child.stderr.on('data', (chunk: Buffer) => log.write(chunk));
    child.on('error', (error) => {
      log.write(`${error.message}\n`);
      resolve({ code: null, stdout });
    });
    child.on('close', (code, signal) => {
      if (signal !== null) log.write(`ended by ${signal}\n`);
      resolve({ code: code ?? -1, stdout });
    });
  });
  log.end();
  await written.catch((cause: unknown) => { throw cacheError(`the log ${options.log} cannot be written: ${messageOf(cause)}`); });
  return result;
}

/** The last lines of a log that say something, for an error message. */
export async function lastLines(log: string, count: number, only = /\S/): Promise<readonly string[]> {
  const text = await readFile(log, 'utf8').catch(() => '');
  return text.split('\n').filter((line) => only.test(line)).slice(-count);
}
