import { fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { JobError } from '../../errors.js';
import type { Answer, Contestant, Request } from './messages.js';

/** A contestant's process, idle until it is asked. */
export interface ContestantProcess {
  readonly ready: Extract<Answer, { say: 'ready' }>;
  /** Rejects with what the process says is wrong, or with how it ended. */
  ask<K extends Request['do']>(what: K): Promise<Extract<Answer, { say: K }>>;
  close(): Promise<void>;
}

/** It died, or says that its memory did not suffice: fewer images a step may fit. */
export class OutOfMemory extends Error {}

const ofMemory = /out of memory|\bOOM\b|resource exhausted|failed to allocate|bad_alloc|allocation failed/i;

const beside = new URL('./contestant.js', import.meta.url);
/** Also when this file runs from src/ (tests). */
const program = (): string => fileURLToPath(existsSync(beside) ? beside : new URL('../../../dist/jobs/speed/contestant.js', import.meta.url));

/** Starts a contestant and waits until its first steps are done. */
export async function startContestant(contestant: Contestant, log: (line: string) => void): Promise<ContestantProcess> {
  const { threads, entry } = contestant;
  const child = fork(program(), [JSON.stringify(contestant)], {
    env: { ...process.env, OMP_NUM_THREADS: String(threads), MASKBENCH_THREADS: String(threads) },
    execArgv: [],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  child.stderr!.setEncoding('utf8').on('data', (text: string) => log(`${entry.name}: ${text.trimEnd()}`));
  let gone: Error | null = null;
  let waiting: { readonly resolve: (answer: Answer) => void; readonly reject: (error: Error) => void } | null = null;
  const end = (error: Error): void => {
    gone ??= error;
    waiting?.reject(gone);
    waiting = null;
  };
  const ended = new Promise<void>((resolve) => {
    child.on('error', (error) => {
      end(error);
      resolve();
    });
    child.on('exit', (code, signal) => {
      const how = `the process of ${entry.name} ended (${signal ?? `exit code ${code ?? 'unknown'}`})`;
      end(signal === 'SIGKILL' || signal === 'SIGABRT' ? new OutOfMemory(how) : new JobError(how));
      resolve();
    });
  });
  child.on('message', (answer: Answer) => {
    const { resolve, reject } = waiting ?? {};
    waiting = null;
    if (answer.say !== 'failed') resolve?.(answer);
    else if (ofMemory.test(answer.message)) reject?.(new OutOfMemory(`${entry.name}: ${answer.message}`));
    else reject?.(new JobError(answer.message, { where: entry.name }));
  });
  const answer = async (): Promise<Answer> => {
    if (gone !== null) throw gone;
    return new Promise((resolve, reject) => { waiting = { resolve, reject }; });
  };
  const close = async (): Promise<void> => {
    child.kill('SIGKILL');
    await ended;
  };
  try {
    const ready = await answer() as ContestantProcess['ready'];
    return {
      ready,
      ask<K extends Request['do']>(what: K) {
        const next = answer();
        if (gone === null) child.send({ do: what } satisfies Request, () => undefined);
        return next as Promise<Extract<Answer, { say: K }>>;
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
