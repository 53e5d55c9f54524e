import type { Case } from '../cases.js';
import type { Contestant } from '../contestants.js';
import type { ContestantProcess } from '../process.js';
import type { DeviceMemory } from '../contestant/messages.js';
import type { LeftOut, SpeedResult } from '../results.js';
import { interleave } from '../rounds.js';
import { withCase, type Session } from '../session.js';
import { relativeDifference } from '../statistics.js';

/** A contestant in f32 whose values are further from the first one's computes something else: the comparison would be void. */
const TOLERANCE = { f32: 2e-4, tf32: 5e-3, bf16: 0.03 } as const;

interface Running { readonly contestant: Contestant; readonly process: ContestantProcess; readonly values: readonly number[] }

/**
 * One process of every contestant, with the case's threads, in rounds; on a GPU, whose memory holds one of them, and where the
 * machine's does not hold all, each has all its turns before the next one starts.
 */
export async function compareSpeed(session: Session, one: Case, contestants: readonly Contestant[]): Promise<SpeedResult> {
  const threads = one.threads === 'one' ? 1 : session.cores;
  const onGpu = session.device === 'cuda';
  const apart = onGpu || one.apart === true;
  return withCase(session, one, async ({ start }) => {
    const running: Running[] = [];
    const leftOut: LeftOut[] = [];
    const differences: Record<string, number> = {};
    const rates: Record<string, readonly number[]> = {};
    const deviceMemory: Record<string, DeviceMemory> = {};
    const measure = async (some: readonly Running[]): Promise<void> => {
      const groups = some.map(({ contestant: { name }, process }) => ({ name, batch: one.batch, members: [process] }));
      Object.assign(rates, Object.fromEntries(await interleave(groups, session, (text) => session.progress(`${one.name}: ${text}`))));
    };
    for (const contestant of contestants) {
      const { name } = contestant;
      let process: ContestantProcess | undefined;
      let stays = false;
      try {
        process = await start(contestant, threads);
        const { values } = await process.ask({ do: 'check' });
        const own: Running = { contestant, process, values };
        const reason = unlike(own, running);
        if (reason !== null) {
          leftOut.push({ name, reason });
          continue;
        }
        if (apart) await measure([own]);
        if (onGpu) {
          const { device } = await process.ask({ do: 'memory' });
          if (device !== undefined) deviceMemory[name] = device;
        }
        differences[name] = relativeDifference(values, running[0]?.values ?? values);
        running.push(own);
        stays = !apart;
      } catch (error) {
        leftOut.push({ name, reason: error instanceof Error ? error.message : String(error) });
      } finally {
        if (!stays) await process?.close();
      }
    }
    if (!apart) await measure(running);
    const { name, step, batch } = one;
    return { case: { name, step, batch, parameters: running[0]?.process.ready.parameters ?? 0 }, threads, rates, differences, leftOut, ...(apart ? { apart } : {}), ...(onGpu ? { deviceMemory } : {}) };
  });
}

/** Why a contestant that runs is no fair one; null when it is. */
function unlike({ contestant, process, values }: Running, running: readonly Running[]): string | null {
  const first = running[0];
  if (first === undefined) return null;
  if (process.ready.parameters !== first.process.ready.parameters) return `it has ${process.ready.parameters} parameters, ${first.contestant.name} has ${first.process.ready.parameters}`;
  const difference = relativeDifference(values, first.values);
  if (!(difference <= TOLERANCE[contestant.products])) return `its values differ from those of ${first.contestant.name} by ${difference.toPrecision(2)}: ${values.slice(0, 4).join(', ')} and ${first.values.slice(0, 4).join(', ')}`;
  const sameBits = running.find((other) => other.contestant.kind === contestant.kind && other.contestant.products !== contestant.products && other.values.every((value, i) => value === values[i]));
  return sameBits === undefined ? null : `it gives the very bits of ${sameBits.contestant.name}: its precision is not in effect`;
}
