import { memoryCase, tinyCase } from '../cases.js';
import { contestantsOn } from '../contestants.js';
import type { FlatMemory, LeftOut, PeakMemory } from '../results.js';
import { withCase, type Session } from '../session.js';

/** Peak resident memory of a process that pre-trains, from its start to the third step. One process at a time. */
export async function peakMemory(session: Session): Promise<PeakMemory> {
  const bytes: Record<string, number> = {};
  const leftOut: LeftOut[] = [];
  let parameters = 0;
  await withCase(session, memoryCase, async ({ start }) => {
    for (const contestant of contestantsOn('cpu')) {
      try {
        const process = await start(contestant, session.cores);
        session.progress(`${memoryCase.name}: memory of ${contestant.name}`);
        await process.ask({ do: 'steps', count: 3 });
        bytes[contestant.name] = (await process.ask({ do: 'memory' })).peak;
        ({ parameters } = process.ready);
        await process.close();
      } catch (error) {
        leftOut.push({ name: contestant.name, reason: error instanceof Error ? error.message : String(error) });
      }
    }
  });
  const { name, step, batch } = memoryCase;
  return { case: { name, step, batch, parameters }, threads: session.cores, bytes, leftOut };
}

/** Resident memory after these many traced steps. */
const STEPS = [1000, 2000, 5000, 10_000] as const;

export async function flatMemory(session: Session): Promise<FlatMemory> {
  return withCase(session, tinyCase, async ({ start }) => {
    const process = await start(contestantsOn('cpu').find(({ name }) => name === 'traced')!, 1);
    const points: { steps: number; bytes: number }[] = [];
    let done = 0;
    for (const steps of STEPS) {
      session.progress(`${tinyCase.name}: memory after ${steps} steps`);
      await process.ask({ do: 'steps', count: steps - done });
      done = steps;
      points.push({ steps, bytes: (await process.ask({ do: 'memory' })).resident });
    }
    const { name, step, batch } = tinyCase;
    return { case: { name, step, batch, parameters: process.ready.parameters }, points };
  });
}
