import type { Case } from '../cases.js';
import { type Contestant, sittingsOf } from '../contestants.js';
import type { ContestantProcess } from '../process.js';
import type { DeviceMemory } from '../contestant/messages.js';
import type { LeftOut, Sitting, SpeedResult } from '../results.js';
import { interleave } from '../rounds.js';
import { withCase, type Session } from '../session.js';
import { relativeDifference } from '../statistics.js';

/** A contestant in f32 whose values are further from the first one's computes something else: the comparison would be void. */
const TOLERANCE = { f32: 2e-4, tf32: 5e-3, bf16: 0.03 } as const;

interface Running { readonly contestant: Contestant; readonly process: ContestantProcess; readonly values: readonly number[] }

/** One process of every contestant, with the case's threads: those of a sitting in rounds, one sitting after the other. `part`: what its turns are named by beside the case. */
export async function compareSpeed(session: Session, one: Case, contestants: readonly Contestant[], part = ''): Promise<SpeedResult> {
  const threads = one.threads === 'one' ? 1 : session.cores;
  const onGpu = session.device === 'cuda';
  return withCase(session, one, async ({ start }) => {
    /** All that were accepted, in their order; those whose last sitting is over have ended. */
    const accepted: Running[] = [];
    const leftOut: LeftOut[] = [];
    const differences: Record<string, number> = {};
    const deviceMemory: Record<string, DeviceMemory> = {};
    const sittings: Sitting[] = [];
    const enter = async (contestant: Contestant): Promise<void> => {
      const { name } = contestant;
      let process: ContestantProcess | undefined;
      try {
        process = await start(contestant, threads);
        const { values } = await process.ask({ do: 'check' });
        const own: Running = { contestant, process, values };
        const reason = unlike(own, accepted);
        if (reason === null) {
          differences[name] = relativeDifference(values, accepted[0]?.values ?? values);
          accepted.push(own);
          return;
        }
        leftOut.push({ name, reason });
      } catch (error) {
        leftOut.push({ name, reason: error instanceof Error ? error.message : String(error) });
      }
      await process?.close();
    };
    const planned = sittingsOf(session.device, one, contestants);
    for (const [index, sitting] of planned.entries()) {
      for (const contestant of sitting) {
        if (!planned.slice(0, index).some((earlier) => earlier.includes(contestant))) await enter(contestant);
      }
      const present = accepted.filter(({ contestant }) => sitting.includes(contestant));
      const groups = present.map(({ contestant: { name }, process }) => ({ name, batch: one.batch, members: [process] }));
      // Alone once more would tell nothing: those that it was to be in turns with are left out.
      const again = groups.length === 1 && sittings.some((earlier) => earlier[groups[0]!.name] !== undefined);
      if (groups.length > 0 && !again) sittings.push(Object.fromEntries(await interleave(groups, session, `${part}${one.name}`)));
      for (const { contestant, process } of present) {
        if (onGpu) {
          const { device } = await process.ask({ do: 'memory' });
          if (device !== undefined) deviceMemory[contestant.name] = device;
        }
        if (!planned.slice(index + 1).some((later) => later.includes(contestant))) await process.close();
      }
    }
    const { name, step, batch } = one;
    return { case: { name, step, batch, parameters: accepted[0]?.process.ready.parameters ?? 0 }, threads, sittings, differences, leftOut, ...(onGpu ? { deviceMemory } : {}) };
  });
}

/** Why a contestant that runs is no fair one; null when it is. */
function unlike({ contestant, process, values }: Running, accepted: readonly Running[]): string | null {
  const first = accepted[0];
  if (first === undefined) return null;
  if (process.ready.parameters !== first.process.ready.parameters) return `it has ${process.ready.parameters} parameters, ${first.contestant.name} has ${first.process.ready.parameters}`;
  const difference = relativeDifference(values, first.values);
  if (!(difference <= TOLERANCE[contestant.products])) return `its values differ from those of ${first.contestant.name} by ${difference.toPrecision(2)}: ${values.slice(0, 4).join(', ')} and ${first.values.slice(0, 4).join(', ')}`;
  const sameBits = accepted.find((other) => other.contestant.kind === contestant.kind && other.contestant.products !== contestant.products && other.values.every((value, i) => value === values[i]));
  return sameBits === undefined ? null : `it gives the very bits of ${sameBits.contestant.name}: its precision is not in effect`;
}
