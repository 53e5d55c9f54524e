import type { ResolvedEntry, ResolvedProtocol, ResolvedSuite, ResolvedTask } from '../suite/resolved.js';
import { cellsOf, doneCells, primaryMetric, suiteOf, tasksOf, type Cell } from './cells.js';
import { collapsedEntries } from './collapsed.js';
import { mixesOf } from './mixed.js';
import { averageSamples, pairedDifferences, standings, summarise, withoutInterval, type Sample, type Standing, type Summary } from './intervals.js';
import type { RunRecord, TransferBody } from './types.js';

/**
 * What a table's values are: the accuracy that each task reports first, or one of the metrics of segmentation and detection. Of
 * detection there is a table for boxes and one for masks.
 */
export type Measure = 'accuracy' | 'miou' | 'box_ap' | 'mask_ap';

/** A protocol's table: entries down, its tasks across, and the average over tasks. Values are fractions. */
export interface Comparison {
  /** Unique among the record's tables. */
  readonly id: string;
  readonly measure: Measure;
  readonly protocol: ResolvedProtocol;
  /** The protocol as it stands beside its numbers: its name, what of it is measured where that is not all, and the precision where that is not f32. */
  readonly title: string;
  readonly seeds: number;
  readonly tasks: readonly TaskColumn[];
  readonly rows: readonly ComparisonRow[];
}

export interface TaskColumn {
  readonly task: ResolvedTask;
  /** Null while no cell of the task has finished. */
  readonly facts: TaskFacts | null;
}

/** Ranges over seeds, because a task's split can change with the seed. */
export interface TaskFacts {
  readonly metric: string;
  readonly side: 'A' | 'B' | 'mixed';
  readonly classes: Range;
  readonly nTrain: Range;
  readonly nValidation: Range;
  readonly nTest: Range;
  /** Of classification 1 / number of classes, of the lowest seed; else 0. */
  readonly chance: number;
  /** Share of the most frequent class among training and validation images, over seeds; null where the results do not tell. */
  readonly largestClass: Range | null;
  /** What the source says of the split, by seeds where it differs between them. */
  readonly notes: readonly { readonly note: string; readonly seeds: readonly number[] }[];
}

export interface Range { readonly low: number; readonly high: number }

export interface ComparisonRow {
  readonly entry: ResolvedEntry;
  readonly groups: readonly Group[];
  readonly average: Average;
}

/** All seeds of one (entry, task, protocol). */
export interface Group {
  readonly entry: string;
  readonly task: string;
  readonly protocol: string;
  readonly cells: readonly Cell[];
  readonly sample: Sample;
  readonly summary: Summary;
  /** Every planned seed has finished. */
  readonly complete: boolean;
  /** Seeds at which the entry's accuracy on its own training data shows no learning (metrics/failed-to-learn). */
  readonly failedToLearn: readonly number[];
  /** Why the seeds are no independent repeats (results/shared-encoders): then no interval and no mark. Null: they are. */
  readonly oneEncoder: string | null;
  /** Why the entry's pre-training is no use (results/collapsed): then no mark and no difference. Null: nothing is known against it. */
  readonly collapsed: string | null;
  /** What of it was measured in another way than the table says or than most of it (protocol hash, metric version): then no mark. Empty: nothing. */
  readonly mixed: readonly string[];
  readonly standing: Standing;
}

/** Mean over tasks, seed by seed. Withheld unless every task has every seed: otherwise entries would average different things. */
export interface Average {
  readonly sample: Sample;
  readonly summary: Summary;
  readonly tasks: number;
  readonly completeTasks: number;
  readonly failedToLearn: boolean;
  readonly oneEncoder: string | null;
  readonly collapsed: string | null;
  readonly mixed: readonly string[];
  readonly standing: Standing;
}

export const rangeOf = (values: readonly number[]): Range => ({ low: Math.min(...values), high: Math.max(...values) });

function factsOf(cells: readonly Cell[], measure: Measure): TaskFacts | null {
  const results = doneCells(cells).map(({ result }) => result);
  const ordered = results.toSorted((a, b) => a.seed - b.seed);
  const first = ordered[0];
  if (first === undefined) return null;
  const largest = results.flatMap(({ largestClass }) => largestClass ?? []);
  return {
    metric: measure === 'accuracy' ? first.primary : measure,
    side: first.side,
    classes: rangeOf(results.map(({ classes }) => classes.length)),
    nTrain: rangeOf(results.map(({ nTrain }) => nTrain)),
    nValidation: rangeOf(results.map(({ nValidation }) => nValidation)),
    nTest: rangeOf(results.map(({ nTest }) => nTest)),
    chance: first.chance,
    largestClass: largest.length === 0 ? null : rangeOf(largest),
    notes: [...new Set(ordered.map(({ note }) => note))].map((note) => ({ note, seeds: [...new Set(ordered.filter((result) => result.note === note).map(({ seed }) => seed))] })),
  };
}

export const measureValue = (result: TransferBody, measure: Measure): number =>
  (measure === 'accuracy' ? primaryMetric(result) : result.metrics.find(({ metric }) => metric === measure))?.value ?? NaN;

type Unranked<T> = Omit<T, 'standing'>;

/** What is to be said against an entry as a whole. */
type Doubts = Pick<Group, 'oneEncoder' | 'collapsed'>;

function groupOf(entry: string, task: string, protocol: string, cells: readonly Cell[], measure: Measure, planned: number, doubts: Doubts, mixed: readonly string[]): Unranked<Group> {
  const done = doneCells(cells);
  // A result that does not have the measure (boxes without masks) is none here.
  const sample = new Map(done.flatMap(({ seed, result }) => {
    const value = measureValue(result, measure);
    return Number.isNaN(value) ? [] : [[seed, value] as const];
  }));
  return {
    entry,
    task,
    protocol,
    cells,
    sample,
    summary: overSeeds(sample, doubts.oneEncoder),
    complete: planned > 0 && sample.size === planned,
    failedToLearn: done.filter(({ result }) => result.failedToLearn).map(({ seed }) => seed),
    ...doubts,
    mixed,
  };
}

/** An interval over seeds stands for independent repeats alone: not where there is a `doubt`. */
const overSeeds = (sample: Sample, doubt: string | null): Summary =>
  (doubt === null ? summarise(sample) : withoutInterval(summarise(sample)));

/** An entry is compared where every seed finished and learned, and is a repeat of its own, of a training that did not collapse, measured as the others are. */
const rankable = ({ complete, failedToLearn, oneEncoder, collapsed, mixed, sample }: Unranked<Group>): Sample | null =>
  complete && failedToLearn.length === 0 && oneEncoder === null && collapsed === null && mixed.length === 0 ? sample : null;

/** `fine-tune`, `fine-tune (bf16)`. */
export const protocolTitle = ({ name }: Pick<ResolvedProtocol, 'name'>, { engine: { precision } }: Pick<ResolvedSuite, 'engine'>): string =>
  precision === 'f32' ? name : `${name} (${precision})`;

/** The table of a detection's masks; that of its boxes has the protocol's name. */
export const maskTableId = ({ name }: Pick<ResolvedProtocol, 'name'>): string => `${name}-masks`;

const measureTitles: Readonly<Partial<Record<Measure, string>>> = { box_ap: ', boxes', mask_ap: ', masks' };

/** Of a protocol, by what its finished cells are. Before the first, and for classification, it is accuracy. */
function measuresOf(cells: readonly Cell[]): readonly Measure[] {
  const done = doneCells(cells).map(({ result }) => result);
  const [first] = done;
  switch (first?.taskKind) {
    case undefined: case 'classification': return ['accuracy'];
    case 'segmentation': return ['miou'];
    case 'detection': return done.some(({ metrics }) => metrics.some(({ metric }) => metric === 'mask_ap')) ? ['box_ap', 'mask_ap'] : ['box_ap'];
  }
}

/** Whether a task can have the measure: not where its finished cells tell it of boxes alone. */
const has = (cells: readonly Cell[], task: string, measure: Measure): boolean => {
  const done = doneCells(cells).filter((cell) => cell.task === task);
  return measure !== 'mask_ap' || done.length === 0 || done.some(({ result: { metrics } }) => metrics.some(({ metric }) => metric === measure));
};

/** Tables of all protocols of the suite. */
export function compare(record: RunRecord, cells: readonly Cell[] = cellsOf(record)): readonly Comparison[] {
  const suite = suiteOf(record);
  const at = new Map<string, Cell[]>();
  for (const cell of cells) {
    const place = JSON.stringify([cell.entry, cell.task, cell.protocol]);
    at.set(place, [...(at.get(place) ?? []), cell]);
  }
  const seeds = suite.seeds.length;
  const reasons = new Map(record.sharedEncoders.map(({ entry, reason }) => [entry, reason]));
  const collapsed = collapsedEntries(record, cells);
  const doubtsOf = (entry: string): Doubts => ({ oneEncoder: reasons.get(entry) ?? null, collapsed: collapsed.get(entry) ?? null });

  const judged = tasksOf(record);

  const tableOf = (protocol: ResolvedProtocol, own: readonly Cell[], measure: Measure): Comparison => {
    const tasks = judged(protocol.name).filter(({ name }) => has(own, name, measure));
    const mixedIn = mixesOf(own, protocol.hash);
    const bare = suite.entries.map((entry) => ({
      entry,
      groups: tasks.map((task) => {
        const held = at.get(JSON.stringify([entry.name, task.name, protocol.name])) ?? [];
        return groupOf(entry.name, task.name, protocol.name, held, measure, seeds, doubtsOf(entry.name), mixedIn(held));
      }),
    }));
    const taskStandings = tasks.map((_, column) =>
      standings(bare.map(({ groups }) => rankable(groups[column]!))));

    const averages = bare.map(({ entry, groups }): Unranked<Average> => {
      const doubts = doubtsOf(entry.name);
      const completeTasks = groups.filter(({ complete }) => complete).length;
      const sample: Sample = completeTasks === groups.length && groups.length > 0 ? averageSamples(groups.map((group) => group.sample)) : new Map();
      return {
        sample,
        summary: overSeeds(sample, doubts.oneEncoder),
        tasks: groups.length,
        completeTasks,
        failedToLearn: groups.some(({ failedToLearn }) => failedToLearn.length > 0),
        ...doubts,
        mixed: [...new Set(groups.flatMap(({ mixed }) => mixed))],
      };
    });
    const averageStandings = standings(averages.map(({ sample, failedToLearn, oneEncoder, collapsed: useless, mixed }) => (sample.size === 0 || failedToLearn || oneEncoder !== null || useless !== null || mixed.length > 0 ? null : sample)));

    return {
      id: measure === 'mask_ap' ? maskTableId(protocol) : protocol.name,
      measure,
      protocol,
      title: `${protocolTitle(protocol, suite)}${measureTitles[measure] ?? ''}`,
      seeds,
      tasks: tasks.map((task) => ({ task, facts: factsOf(own.filter((cell) => cell.task === task.name), measure) })),
      rows: bare.map(({ entry, groups }, row) => ({
        entry,
        groups: groups.map((group, column) => ({ ...group, standing: taskStandings[column]![row]! })),
        average: { ...averages[row]!, standing: averageStandings[row]! },
      })),
    };
  };
  return suite.protocols.flatMap((protocol) => {
    const own = cells.filter((cell) => cell.protocol === protocol.name);
    return measuresOf(own).map((measure) => tableOf(protocol, own, measure));
  });
}

/** Whether a table's average says more than its only task. */
export const hasAverage = ({ tasks }: { readonly tasks: readonly unknown[] }): boolean => tasks.length > 1;

/** Paired difference over seeds of two groups or averages, a - b; without interval where one of them judges one encoder, none where one collapsed. */
export const difference = (a: Pick<Group, 'sample'> & Doubts, b: Pick<Group, 'sample'> & Doubts): Summary =>
  (a.collapsed ?? b.collapsed) === null ? overSeeds(pairedDifferences(a.sample, b.sample), a.oneEncoder ?? b.oneEncoder) : summarise(new Map());
