import { comparedJobs, resultsByKey } from '../../results/cells.js';
import { mean } from '../../results/intervals.js';
import type { Result, ResultBody, RunRecord, SearchBody } from '../../results/types.js';
import { routingChart } from '../charts/routing.js';
import { routingOverTrainingChart } from '../charts/routing-over-training.js';
import type { Chart } from '../charts/svg.js';
import { count, listed, percent, plural, rangeText } from '../numbers.js';

/** Clusterings, each once with the entries that rest on it, as means over seeds; and what was searched for each task. Null where there is neither. */
interface ClustersView {
  readonly clusterings: readonly {
    readonly entries: string;
    readonly algorithm: string;
    readonly clusters: string;
    readonly images: string;
    readonly sizes: string;
    readonly purity: string;
    readonly sidePurity: string;
    readonly cosine: string;
  }[];
  readonly galleries: readonly { readonly entries: string; readonly seed: string; readonly source: string; readonly alt: string }[];
  readonly routings: readonly Chart[];
  readonly searches: readonly { readonly entry: string; readonly task: string; readonly images: string; readonly seeds: readonly { readonly seed: string; readonly layers: readonly string[] }[] }[];
}

interface Shared<B extends ResultBody> { readonly entries: readonly string[]; readonly seeds: readonly { readonly seed: string; readonly result: Result<B> }[] }

/** Finished jobs of a kind; entries whose jobs are the same at every seed have them together. */
function sharedJobs<K extends 'cluster' | 'pretrain'>(record: RunRecord, kind: K): readonly Shared<Extract<ResultBody, { readonly kind: K }>>[] {
  const results = resultsByKey(record);
  const jobs = comparedJobs(record).filter((job) => job.kind === kind);
  const groups = new Map<string, string[]>();
  for (const entry of new Set(jobs.map(({ tags }) => tags['entry']!))) {
    const keys = jobs.filter(({ tags }) => tags['entry'] === entry).map(({ key }) => key).join(' ');
    groups.set(keys, [...groups.get(keys) ?? [], entry]);
  }
  return [...groups.values()].flatMap((entries) => {
    const seeds = jobs.filter(({ tags }) => tags['entry'] === entries[0]).flatMap(({ key, tags }) => {
      const result = results.get(key);
      return result?.kind === kind ? [{ seed: tags['seed']!, result: result as Result<Extract<ResultBody, { readonly kind: K }>> }] : [];
    });
    return seeds.length === 0 ? [] : [{ entries, seeds }];
  });
}

const meanShare = (values: readonly (number | null)[]): string => {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? '\u2013' : `${percent(mean(known))} %`;
};

const range = (values: readonly number[]): string => rangeText({ low: Math.min(...values), high: Math.max(...values) });

/** Of each training the map of its first seed, and how it came about. */
const routingsOf = (record: RunRecord): readonly Chart[] =>
  sharedJobs(record, 'pretrain').flatMap(({ entries, seeds: [first] }, index) => {
    const { routing: blocks = [], earlierRouting: earlier = [], steps = 0 } = first?.result ?? {};
    if (first === undefined || blocks.length === 0) return [];
    const of = { entries: listed(entries), seed: first.seed };
    return [
      routingChart({ id: `routing-${index}`, ...of, blocks }),
      ...(earlier.length === 0 ? [] : [routingOverTrainingChart({ id: `routing-over-training-${index}`, ...of, earlier, end: blocks, steps })]),
    ];
  });

function searchesOf(record: RunRecord): ClustersView['searches'] {
  const results = resultsByKey(record);
  const rows = new Map<string, { readonly entry: string; readonly task: string; readonly found: { readonly seed: string; readonly result: Result<SearchBody> }[] }>();
  for (const { key, tags } of comparedJobs(record)) {
    const result = results.get(key);
    if (result?.kind !== 'search' || tags['snapshot'] !== undefined) continue;
    const [entry, task, seed] = [tags['entry']!, tags['task']!, tags['seed']!];
    const row = rows.get(`${entry} ${task}`) ?? { entry, task, found: [] };
    rows.set(`${entry} ${task}`, { ...row, found: [...row.found, { seed, result }] });
  }
  return [...rows.values()].map(({ entry, task, found }) => ({
    entry,
    task,
    images: range(found.map(({ result }) => result.images)),
    seeds: found.map(({ seed, result }) => ({ seed, layers: result.layers.map(layerText) })),
  }));
}

/**
 * `block 2: expert 5 with 62.0 % of the votes, times 0.43 (next: expert 1, 20.0 %)`; experts that were trained on too little to be
 * taken behind it.
 */
function layerText({ block, expert, votes, gate, dead }: SearchBody['layers'][number]): string {
  const all = votes.reduce((sum, one) => sum + one, 0);
  const share = (one: number): string => `${percent((votes[one] ?? 0) / all)} %`;
  const next = votes.map((_, one) => one).filter((one) => one !== expert && votes[one]! > 0).sort((a, b) => votes[b]! - votes[a]!)[0];
  const aside = [...(next === undefined ? [] : [`next: expert ${next}, ${share(next)}`]), ...(dead.length === 0 ? [] : [`dead: ${listed(dead.map(String))}`])];
  return `block ${block}: expert ${expert}${all === 0 ? '' : ` with ${share(expert)} of the votes`}, times ${gate.toFixed(2)}${aside.length === 0 ? '' : ` (${aside.join('; ')})`}`;
}

export function clustersView(record: RunRecord): ClustersView | null {
  const clusterings = sharedJobs(record, 'cluster');
  const routings = routingsOf(record);
  const searches = searchesOf(record);
  if (clusterings.length === 0 && routings.length === 0 && searches.length === 0) return null;
  return {
    clusterings: clusterings.map(({ entries, seeds }) => {
      const results = seeds.map(({ result }) => result);
      return {
        entries: listed(entries),
        algorithm: results[0]!.algorithm,
        clusters: count(results[0]!.sizes.length),
        images: range(results.map(({ images }) => images)),
        sizes: range(results.flatMap(({ sizes }) => sizes)),
        purity: meanShare(results.map(({ purity }) => purity)),
        sidePurity: meanShare(results.map(({ sidePurity }) => sidePurity)),
        cosine: mean(results.map(({ meanCosine }) => meanCosine)).toFixed(2),
      };
    }),
    galleries: clusterings.flatMap(({ entries, seeds }) => {
      const shown = seeds.find(({ result }) => record.previews?.[result.key] !== undefined);
      if (shown === undefined) return [];
      const { clusters, columns } = shown.result.gallery;
      return [{
        entries: listed(entries),
        seed: shown.seed,
        source: `data:image/png;base64,${record.previews![shown.result.key]!}`,
        alt: `Pictures of the ${plural(clusters.length, 'largest cluster')} of ${listed(entries)}, a row each: the ${plural(columns, 'image')} nearest to its centre.`,
      }];
    }),
    routings,
    searches,
  };
}
