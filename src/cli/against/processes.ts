import { spawn } from 'node:child_process';
import { MaskbenchError } from '../../errors.js';

/** Another program that was needed has failed: nothing can be told (exit code 2). */
export class ProgramError extends MaskbenchError { readonly kind = 'program'; }

/** Runs a program to its end; gives its stdout. ProgramError with the end of its stderr where it fails. */
export async function runProgram(command: string, args: readonly string[], cwd: string): Promise<string> {
  const child = spawn(command, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  const said = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said.stderr = (said.stderr + text).slice(-4000)));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject).on('close', resolve);
  }).catch((cause: unknown) => {
    throw new ProgramError(`${command} cannot be started: ${(cause as Error).message}`, { fix: `Is ${command} installed?`, cause });
  });
  if (code !== 0) throw new ProgramError(`${[command, ...args].join(' ')} ended with ${code === null ? 'a signal' : `code ${code}`}:\n${said.stderr.trimEnd()}`, { where: cwd });
  return said.stdout;
}
