import type { Case } from '../cases.js';
import type { Contestant } from '../contestants.js';
import type { LayoutResult, LeftOut } from '../results.js';
import { interleave } from '../rounds.js';
import { withCase, type Session } from '../session.js';

/**
 * The whole machine's throughput: one process with a thread a core against one process of one thread a core, in rounds.
 * One contestant at a time, as its processes are many.
 */
export async function compareLayouts(session: Session, one: Case, contestant: Contestant): Promise<LayoutResult | LeftOut> {
  const { name, step, batch } = one;
  try {
    return await withCase(session, one, async ({ start }) => {
      const together = [await start(contestant, session.cores)];
      const apart = await Promise.all(Array.from({ length: session.cores }, () => start(contestant, 1)));
      const rates = await interleave([{ name: 'together', batch, members: together }, { name: 'apart', batch, members: apart }], session, `${name}, ${contestant.name}`);
      return {
        case: { name, step, batch, parameters: together[0]!.ready.parameters },
        contestant: contestant.name, cores: session.cores, together: rates.get('together')!, apart: rates.get('apart')!,
      };
    });
  } catch (error) {
    return { name: `${name}, ${contestant.name}`, reason: error instanceof Error ? error.message : String(error) };
  }
}
