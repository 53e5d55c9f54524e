import { overlapsOf } from '../../results/overlaps.js';
import type { RunRecord } from '../../results/types.js';
import { mostFrequent } from '../../results/mixed.js';
import { mixedFlag } from '../mixed-text.js';
import { listed, plural, rangeText, summaryPercent, summaryPoints, threeDigits } from '../numbers.js';
import { rangeOf } from '../../results/comparison.js';

/** Attention against objects: entries down, a table a task. Strings are ready to print. */
export interface OverlapView {
  /** Share of the attention that the kept patches hold: `60 %`. */
  readonly kept: string;
  readonly columns: readonly string[];
  readonly tasks: readonly { readonly caption: string; readonly rows: readonly { readonly entry: string; readonly flags: readonly string[]; readonly cells: readonly string[] }[] }[];
}

const columns = ['best head', 'mean of heads', 'untrained, best head', 'best head, gain by training', 'disc'];

/** Null where nothing was measured. */
export function overlapView(record: RunRecord, collapsed: ReadonlyMap<string, string>): OverlapView | null {
  const overlaps = overlapsOf(record);
  const shares = [...new Set(overlaps.flatMap(({ seeds }) => seeds.map(({ share }) => share)))];
  const tasks = [...new Set(overlaps.map(({ task }) => task))].map((task) => {
    const own = overlaps.filter((one) => one.task === task);
    const seeds = own.flatMap((one) => one.seeds);
    const usual = mostFrequent(seeds.map(({ hash }) => hash));
    return {
      caption: `${task}: Jaccard index in % (protocol ${usual ?? ''}), mean over ${rangeText(rangeOf(seeds.map(({ images }) => images)))} test images and ${plural(Math.max(...own.map((one) => one.seeds.length)), 'seed')}. Gain: in percentage points, with its 95 % t-interval over seeds from three on.`,
      rows: own.map(({ entry, hashes, best, heads, random, gain, disc }) => ({
        entry, flags: [...(collapsed.has(entry) ? ['collapsed'] : []), ...hashes.filter((hash) => hash !== usual).map((hash) => `${mixedFlag}: protocol ${hash}`)],
        cells: [summaryPercent(best), summaryPercent(heads), summaryPercent(random), summaryPoints(gain), summaryPercent(disc)],
      })),
    };
  });
  return tasks.length === 0 ? null : { kept: listed(shares.map((share) => `${threeDigits(100 * share)} %`)), columns, tasks };
}
