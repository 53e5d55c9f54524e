import type { Case } from '../cases.js';
import type { Augmentation } from '../contestant/messages.js';
import { tracedOn } from '../contestants.js';
import { watchOthers } from '../others.js';
import type { LoaderResult } from '../results.js';
import { withCase, type Session } from '../session.js';

/** Loader threads that are compared: batches between the steps, and made ahead by one thread. */
const threadCounts = [0, 1] as const;

/** Of evaluation's pictures nothing is changed, and of iBOT's views all by default. */
const augmentationsOf = ({ step }: Case): readonly Augmentation[] => (step === 'features' || step === 'ibot' ? ['default'] : ['default', 'all']);

/** How long the traced engine waits for its inputs, in rounds of all combinations. */
export async function compareLoaders(session: Session, one: Case): Promise<LoaderResult> {
  const threads = one.threads === 'one' ? 1 : session.cores;
  return withCase(session, one, async ({ start }) => {
    const process = await start(tracedOn(session.device), threads);
    const turns = augmentationsOf(one).flatMap((augmentation) => threadCounts.map((loaders) => ({ augmentation, loaders, waited: [] as number[], stepped: [] as number[] })));
    for (let round = 0; round < session.rounds; round++) {
      for (const { augmentation, loaders, waited, stepped } of turns) {
        session.progress(`${one.name}: ${augmentation === 'all' ? 'all augmentations, ' : ''}${loaders} loader threads, round ${round + 1} of ${session.rounds}`);
        const stop = watchOthers([process.pid]);
        const found = await process.ask({ do: 'loader', threads: loaders, augmentation, seconds: session.seconds });
        const seen = stop();
        if (seen !== null) session.others.push({ ...seen, turn: `loader/${one.name}, ${augmentation}, ${loaders} threads` });
        waited.push(found.waited / found.steps);
        stepped.push(found.stepped / found.steps);
      }
    }
    const { name, step, batch } = one;
    return { case: { name, step, batch, parameters: process.ready.parameters }, threads, cores: session.cores, turns };
  });
}
