import type { Case } from '../cases.js';
import { contestantsOn } from '../contestants.js';
import type { Profile } from '../results.js';
import { withCase, type Session } from '../session.js';

/** Where the time of one step goes, with one thread, as workers of a suite have it: every operation timed by itself. */
export async function profileStep(session: Session, one: Case, repeats: number): Promise<Profile> {
  const named = (wanted: string) => contestantsOn('cpu').find(({ name }) => name === wanted)!;
  return withCase(session, one, async ({ start }) => {
    const eager = await start(named('eager'), 1, true);
    session.progress(`${one.name}: timing operations`);
    await eager.ask({ do: 'steps', count: 2 });
    const { operations } = await eager.ask({ do: 'profile', repeats });
    await eager.close();
    const traced = await start(named('traced'), 1);
    await traced.ask({ do: 'steps', count: 2 });
    const { seconds } = await traced.ask({ do: 'run', seconds: session.seconds, warm: true });
    const { name, step, batch } = one;
    return {
      case: { name, step, batch, parameters: traced.ready.parameters }, threads: 1, operations,
      tracedMilliseconds: (1000 * seconds.reduce((sum, time) => sum + time, 0)) / seconds.length,
    };
  });
}
