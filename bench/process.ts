import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { createInterface } from 'node:readline';
import type { Contestant, Device } from './contestants.js';
import type { Answer, Answers, Request } from './contestant/messages.js';
import type { EngineArguments } from './contestant/engine.js';
import type { Case } from './cases.js';

/** A contestant's process: idle until it is asked. */
export interface ContestantProcess {
  readonly pid: number;
  readonly ready: Answers['ready'];
  /** Rejects with what the process says is wrong, or with the end of its stderr when it is gone. */
  ask<K extends Request['do']>(request: Extract<Request, { readonly do: K }>): Promise<Answers[K]>;
  /** Ends it and waits until it is gone. */
  close(): Promise<void>;
}

/** How PyTorch is started: the Python program that has it. */
export interface Start { readonly contestant: Contestant; readonly case: Case; readonly threads: number; readonly folder: string; readonly python: string; readonly profile?: boolean; readonly device: Device }

const pytorchProgram = fileURLToPath(new URL('../../pytorch/serve.py', import.meta.url));
const engineProgram = fileURLToPath(new URL('./contestant/engine.js', import.meta.url));

export function commandOf({ contestant, case: one, threads, folder, python, device, profile = false }: Start): { readonly command: string; readonly args: readonly string[]; readonly environment: Readonly<Record<string, string>> } {
  if (contestant.kind === 'engine') {
    const args: EngineArguments = { case: one.name, threads, mode: contestant.mode, precision: contestant.products === 'bf16' ? 'bf16' : 'f32', device, profile };
    return { command: process.execPath, args: [engineProgram, JSON.stringify(args)], environment: { ...(device === 'cuda' && contestant.products === 'f32' ? { NVIDIA_TF32_OVERRIDE: '0' } : {}), ...contestant.environment } };
  }
  const args = [pytorchProgram, folder, '--threads', String(threads), '--device', device, '--products', contestant.products, ...(contestant.compile ? ['--compile'] : [])];
  return { command: python, args, environment: { OMP_NUM_THREADS: String(threads) } };
}

/** Starts a contestant and waits until its case is loaded. Rejects with the reason where it cannot run it. */
export async function startProcess(start: Start): Promise<ContestantProcess> {
  const { command, args, environment } = commandOf(start);
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'], env: { ...process.env, ...environment } });
  let complaints = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => { complaints = (complaints + text).slice(-2000); });
  child.stdin.on('error', () => undefined); // a process that died says why on stderr
  const waiting: ((answer: Answer<keyof Answers>) => void)[] = [];
  const early: Answer<keyof Answers>[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => {
    const answer = JSON.parse(line) as Answer<keyof Answers>;
    const receive = waiting.shift();
    if (receive === undefined) early.push(answer);
    else receive(answer);
  });
  let gone: string | null = null;
  const ended = new Promise<void>((resolve) => {
    const end = (what: string): void => {
      gone ??= `${what}${complaints.trim() === '' ? '' : `: ${complaints.trim().split('\n').slice(-4).join(' | ')}`}`;
      for (const receive of waiting.splice(0)) receive({ error: gone });
      resolve();
    };
    child.on('error', (error) => end(error.message));
    child.on('close', (code, signal) => end(`its process ended (${signal ?? code ?? 'unknown'})`));
  });

  const answer = async <K extends keyof Answers>(): Promise<Answers[K]> => {
    const received = early.shift() ?? (gone === null ? await new Promise<Answer<keyof Answers>>((resolve) => waiting.push(resolve)) : { error: gone });
    if ('error' in received) throw new Error(received.error);
    return received as Answers[K];
  };
  const close = async (): Promise<void> => {
    child.stdin.end();
    const late = setTimeout(() => child.kill('SIGKILL'), 10_000);
    await ended;
    clearTimeout(late);
  };
  try {
    const ready = await answer<'ready'>();
    return {
      pid: child.pid!,
      ready,
      async ask(request) {
        child.stdin.write(`${JSON.stringify(request)}\n`);
        return answer();
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
