import { resultsByKey } from '../../results/cells.js';
import type { AttentionBody } from '../../results/types.js';
import type { ReportData } from '../format.js';
import { listed, plural } from '../numbers.js';
import { aboutEntry } from './comparison-view.js';
import { overlapView, type OverlapView } from './overlap-view.js';

/** Attention maps, by task, and how far attention lies on objects. Null where neither is there. */
interface AttentionView {
  readonly heads: string;
  readonly overlap: OverlapView | null;
  readonly tasks: readonly {
    readonly task: string;
    readonly images: string;
    readonly seed: string;
    /** Pictures side by side in each of the entries'. */
    readonly tiles: number;
    readonly entries: readonly { readonly entry: string; readonly collapsed: boolean; readonly about: string; readonly source: string; readonly alt: string; readonly largest: string }[];
  }[];
}

/** `3.2, 1.8`: the largest weight of each head, in weights of an even spread over all tokens; images apart. */
const largestText = ({ images, patches }: AttentionBody): string =>
  images.map(({ largest }) => largest.map((weight) => (weight * (patches + 1)).toFixed(1)).join(', ')).join('; ');

export function attentionView({ record, suite, collapsed }: ReportData): AttentionView | null {
  const results = resultsByKey(record);
  const drawn = record.jobs.flatMap(({ kind, key, tags }) => {
    const result = results.get(key);
    const png = record.previews?.[key];
    return kind !== 'attention' || result?.kind !== 'attention' || png === undefined ? [] : [{ entry: tags['entry']!, task: tags['task']!, seed: tags['seed']!, png, result }];
  });
  const tasks = suite.tasks.flatMap(({ name }) => {
    const own = drawn.filter(({ task }) => task === name);
    const [first] = own;
    if (first === undefined) return [];
    const { heads, images } = first.result;
    return [{
      task: name,
      images: plural(images.length, 'image'),
      seed: first.seed,
      tiles: heads + 1,
      entries: suite.entries.flatMap((entry) => own.filter((one) => one.entry === entry.name).map(({ png, result }) => ({
        entry: entry.name,
        collapsed: collapsed.has(entry.name),
        about: aboutEntry(entry),
        source: `data:image/png;base64,${png}`,
        alt: `Attention of the class token in the last block of ${entry.name} on ${plural(images.length, 'training image')} of ${name} (${listed(result.images.map(({ id }) => id))}): the image, then ${plural(heads, 'head')} as colour over it.`,
        largest: largestText(result),
      }))),
    }];
  });
  const overlap = overlapView(record, collapsed);
  return tasks.length === 0 && overlap === null ? null : { heads: tasks[0] === undefined ? '' : plural(tasks[0].tiles - 1, 'head'), overlap, tasks };
}
