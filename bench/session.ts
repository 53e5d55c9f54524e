import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheFolder } from '../src/cache-folder.js';
import { measureFolder } from '../src/runner/workers/measure-folder.js';
import { writeCase } from './case-folder.js';
import type { Case } from './cases.js';
import type { Contestant, Device } from './contestants.js';
import { startProcess, type ContestantProcess } from './process.js';
import type { RoundOptions } from './rounds.js';

/** What every part of the bench is given. */
export interface Session extends RoundOptions {
  readonly cores: number;
  /** What every contestant computes on. */
  readonly device: Device;
  /** Python with PyTorch, or why there is none. */
  readonly python: { readonly path: string } | { readonly absent: string };
  /** Gathers what the contestants say of their versions. */
  readonly versions: Record<string, string>;
}

/** What a contestant says, beside what others have said: one may run without oneDNN on purpose. */
export function addVersions(known: Record<string, string>, said: Readonly<Record<string, string>>): void {
  for (const [name, version] of Object.entries(said)) {
    const all = known[name]?.split(' and ') ?? [];
    if (!all.includes(version)) known[name] = [...all, version].join(' and ');
  }
}

export interface CaseRoom {
  /** Starts a contestant on the case. Rejects with the reason where it cannot take part. */
  start(contestant: Contestant, threads: number, profile?: boolean): Promise<ContestantProcess>;
}

/** The case's folder for PyTorch, and every process that was started in it; both are gone afterwards. What a bench that was killed has left (the weights and batches of a ViT-S are over 100 MB) is removed by the next. */
export async function withCase<T>(session: Session, one: Case, work: (room: CaseRoom) => Promise<T>): Promise<T> {
  const folder = await measureFolder(join(cacheFolder(), 'measure'));
  const started: ContestantProcess[] = [];
  let written = false;
  try {
    return await work({
      async start(contestant, threads, profile = false) {
        const { python } = session;
        if (contestant.kind === 'pytorch' && 'absent' in python) throw new Error(python.absent);
        if (contestant.kind === 'pytorch' && !written) {
          await writeCase(folder, one);
          written = true;
        }
        session.progress(`${one.name}: starting ${contestant.name}`);
        const process = await startProcess({ contestant, case: one, threads, folder, python: 'path' in python ? python.path : '', profile, device: session.device });
        started.push(process);
        addVersions(session.versions, process.ready.versions);
        return process;
      },
    });
  } finally {
    await Promise.all(started.map((process) => process.close()));
    await rm(folder, { recursive: true, force: true });
  }
}
