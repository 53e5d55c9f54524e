import { shortHash } from '../../files.js';
import { conditionalEntropyBound } from '../../metrics/information/index.js';
import type { ClaimBound, ClaimExpression } from '../../suite/resolved.js';
import { pretrainings, suiteOf } from '../cells.js';
import { differences, replicate, seriesOf, type Evaluation } from '../effects/index.js';
import type { ClaimPart, HeldOut, RunRecord } from '../types.js';
import { partOf, seedEvidence } from './part.js';
import { weightedMean } from './weighted-mean.js';

type Pair = Extract<ClaimExpression, { readonly information: unknown }>['information'];

/**
 * What the entry's input tells of hidden patches, minus what the other's does, in nats a value (metrics/information): at each seed from both models' errors in the same
 * patches of the same held-out images. A method that mixes images sees them in groups, other ones at each seed: what a group has in common is then a seed's own
 * noise, which the spread over seeds holds. A text: why it is not asked.
 */
export function informationParts(record: RunRecord, { entry, against }: Pair, bound: ClaimBound): readonly ClaimPart[] | string {
  const { seeds } = suiteOf(record);
  const trainings = pretrainings(record);
  const heldOut = (name: string): ReadonlyMap<number, HeldOut | null> => new Map(trainings.filter((one) => one.entry === name).map(({ seed, result }) => [seed, result.heldOut ?? null]));
  const both = [[entry, heldOut(entry)], [against, heldOut(against)]] as const;
  const without = both.filter(([, own]) => [...own.values()].includes(null)).map(([name]) => name);
  if (without.length > 0) return `no errors of ${without.join(' and ')} on images that were not trained on: its method tells no hidden patches, its data has no other images, or the result is an older one`;
  const missing = both.find(([, own]) => own.size < seeds.length);
  const other = seeds.find((seed) => both.every(([, own]) => own.has(seed)) && question(both[0][1].get(seed)!) !== question(both[1][1].get(seed)!));
  const doubt = missing !== undefined ? `${missing[0]} has pre-trained at ${missing[1].size} of ${seeds.length} seeds`
    : other !== undefined ? `${entry} and ${against} were not asked for the same patches (mask_ratio, mixing_ratio, norm_pix_loss or the data differ)` : null;
  const evaluations = both.map(([, own]) => [...own].flatMap(([seed, one]) => (one === null ? [] : [evaluationOf(seed, one)])));
  const all = evaluations.flat();
  const [first, second] = evaluations.map((own) => seriesOf(replicate(all, own)));
  // A seed's question is its own; that of the first stands for how it is asked.
  const asked = both[0][1].get(seeds[0]!) ?? null;
  const place = { on: 'hidden patches of held-out images', protocolHashes: asked === null ? [] : [shortHash(question(asked))] };
  return [partOf(seedEvidence({ series: differences(first!, second!), doubt }, place, bound, 'held-out images'), bound)];
}

const question = ({ ids, masks, target }: HeldOut): string => JSON.stringify([ids, masks, target]);

/** What is told of the patches, up to what is in them, which drops out of differences. */
function evaluationOf(seed: number, { ids, errors }: HeldOut): Evaluation {
  const meanError = weightedMean(errors);
  const statistic = (weights: ArrayLike<number>): number => -conditionalEntropyBound(meanError(weights));
  return { seed, value: statistic(errors.map(() => 1)), ids, classes: null, statistic, right: null };
}
