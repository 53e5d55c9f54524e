import { DataError } from '../../../errors.js';
import type { ImageIndex, PretrainView, SubsetName } from '../../image-set.js';
import { draw } from '../draw.js';
import { allImages } from './records.js';

let pretraining: ReadonlySet<string> | undefined;
const isForPretraining = (id: string): boolean =>
  (pretraining ??= new Set(allImages().filter(({ use }) => use.kind === 'pretraining').map(({ record }) => record.id))).has(id);

/**
 * Images to pre-train on: every drawing (of all families) of the concepts that no task uses. `split-a`, `split-b` and
 * `random` hold equally many: as many as the smaller side has, drawn by seed. Images without a side are in `full` and may
 * be in `random`, never in A or B.
 */
export function emojiPretrain(index: ImageIndex, subset: SubsetName, seed: number): PretrainView {
  const full = index.records.flatMap(({ id }, at) => (isForPretraining(id) ? [at] : []));
  const onSide = (side: 'A' | 'B'): readonly number[] => full.filter((at) => index.records[at]?.side === side);
  const count = Math.min(onSide('A').length, onSide('B').length);
  const choose = (): readonly number[] => {
    switch (subset) {
      case 'full': return full;
      case 'split-a': return draw(onSide('A'), count, seed, 'subset/split-a');
      case 'split-b': return draw(onSide('B'), count, seed, 'subset/split-b');
      case 'random': return draw(full, count, seed, 'subset/random');
      default: {
        const never: never = subset;
        throw new DataError(`the source emoji has no subset '${String(never)}'`, { fix: 'Its subsets: full, split-a, split-b, random.' });
      }
    }
  };
  const indices = choose();
  return { subset, indices, classes: new Set(indices.map((at) => index.records[at]?.label)).size };
}
