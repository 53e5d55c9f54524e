import { DataError } from '../../../errors.js';
import type { GroupCount, ImageIndex, PretrainView, SubsetName } from '../../image-set.js';
import { draw } from '../draw.js';
import { allImages } from './records.js';

let groups: ReadonlyMap<string, string> | undefined;
/** Unicode group of an image for pre-training (`people & body`); undefined for any other image. */
const groupOf = (id: string): string | undefined =>
  (groups ??= new Map(allImages().flatMap(({ record, use, concept }) => (use.kind === 'pretraining' ? [[record.id, concept.group.replace('-', ' & ')] as const] : [])))).get(id);

function countGroups(names: readonly string[]): readonly GroupCount[] {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].map(([name, images]) => ({ name, images })).sort((a, b) => b.images - a.images);
}

/**
 * Images to pre-train on: every drawing (of all families) of the concepts that no task uses. `split-a`, `split-b` and
 * `random` hold equally many: as many as the smaller side has, drawn by seed. Images without a side are in `full` and may
 * be in `random`, never in A or B.
 */
export function emojiPretrain(index: ImageIndex, subset: SubsetName, seed: number): PretrainView {
  const full = index.records.flatMap(({ id }, at) => (groupOf(id) === undefined ? [] : [at]));
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
  const records = indices.flatMap((at) => index.records[at] ?? []);
  return { subset, indices, classes: new Set(records.map(({ label }) => label)).size, groups: countGroups(records.flatMap(({ id }) => groupOf(id) ?? [])) };
}
