import { join } from 'node:path';
import { readJson, writeFileAtomic } from '../files.js';
import type { EarlierRouting } from '../results/types.js';
import { snapshotSteps } from './estimates.js';

/** Where a training's clusters went on its way, kept beside its checkpoints. */

/** Shares of the steps, the same for every training. */
const shares = [0.25, 0.5, 0.75] as const;

/** Finished steps, ascending; of a very short training fewer. */
export const routingSteps = (totalSteps: number): readonly number[] =>
  [...new Set(snapshotSteps(shares, totalSteps))].filter((step) => step > 0 && step < totalSteps);

const fileIn = (scratch: string): string => join(scratch, 'routing.json');

/** What is told again after a kill takes the place of what was, with all that came behind it. */
export async function recordRouting(scratch: string, one: EarlierRouting): Promise<void> {
  const before = (await readRouting(scratch)).filter(({ step }) => step < one.step);
  await writeFileAtomic(fileIn(scratch), `${JSON.stringify([...before, one])}\n`);
}

export const readRouting = async (scratch: string): Promise<readonly EarlierRouting[]> =>
  (await readJson(fileIn(scratch)).catch(() => null) as readonly EarlierRouting[] | null) ?? [];
