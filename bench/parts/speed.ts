import type { Case } from '../cases.js';
import type { Contestant } from '../contestants.js';
import type { ContestantProcess } from '../process.js';
import type { LeftOut, SpeedResult } from '../results.js';
import { interleave } from '../rounds.js';
import { withCase, type Session } from '../session.js';
import { relativeDifference } from '../statistics.js';

/** A contestant in f32 whose values are further from the first one's computes something else: the comparison would be void. */
const TOLERANCE = { f32: 2e-4, bf16: 0.03 } as const;

/** One process of every contestant, with the case's threads, in rounds. */
export async function compareSpeed(session: Session, one: Case, contestants: readonly Contestant[]): Promise<SpeedResult> {
  const threads = one.threads === 'one' ? 1 : session.cores;
  return withCase(session, one, async ({ start }) => {
    const running: { readonly contestant: Contestant; readonly process: ContestantProcess; readonly values: readonly number[] }[] = [];
    const leftOut: LeftOut[] = [];
    const differences: Record<string, number> = {};
    for (const contestant of contestants) {
      const { name } = contestant;
      try {
        const process = await start(contestant, threads);
        const { values } = await process.ask({ do: 'check' });
        const reason = unlike(contestant, values, process, running);
        if (reason === null) {
          differences[name] = relativeDifference(values, running[0]?.values ?? values);
          running.push({ contestant, process, values });
        } else {
          await process.close();
          leftOut.push({ name, reason });
        }
      } catch (error) {
        leftOut.push({ name, reason: error instanceof Error ? error.message : String(error) });
      }
    }
    const rates = await interleave(
      running.map(({ contestant: { name }, process }) => ({ name, batch: one.batch, members: [process] })), session, (text) => session.progress(`${one.name}: ${text}`),
    );
    const { name, step, batch } = one;
    return { case: { name, step, batch, parameters: running[0]?.process.ready.parameters ?? 0 }, threads, rates: Object.fromEntries(rates), differences, leftOut };
  });
}

/** Why a contestant that runs is no fair one; null when it is. */
function unlike(
  contestant: Contestant, values: readonly number[], process: ContestantProcess, running: readonly { readonly contestant: Contestant; readonly process: ContestantProcess; readonly values: readonly number[] }[],
): string | null {
  const first = running[0];
  if (first === undefined) return null;
  if (process.ready.parameters !== first.process.ready.parameters) return `it has ${process.ready.parameters} parameters, ${first.contestant.name} has ${first.process.ready.parameters}`;
  const difference = relativeDifference(values, first.values);
  if (!(difference <= TOLERANCE[contestant.precision])) return `its values differ from those of ${first.contestant.name} by ${difference.toPrecision(2)}: ${values.slice(0, 4).join(', ')} and ${first.values.slice(0, 4).join(', ')}`;
  const sameBits = running.find((other) => other.contestant.kind === contestant.kind && other.contestant.precision !== contestant.precision && other.values.every((value, i) => value === values[i]));
  return sameBits === undefined ? null : `it gives the very bits of ${sameBits.contestant.name}: its precision is not in effect`;
}
