import { canonicalJson } from '../files.js';
import type { ResolvedEntry, ResolvedSuite } from '../suite/resolved.js';
import { pretrainings, suiteOf } from './cells.js';
import { compare, rangeOf, type Comparison, type Group, type Range } from './comparison.js';
import { averageOver, columnsOf, detectableOf, differences, seriesOf, summaryOf, type Series } from './effects/index.js';
import type { Summary } from './intervals.js';
import type { PretrainBody, RunRecord } from './types.js';

/**
 * Negative transfer: an encoder that is pre-trained on all of the data does worse on a task than one that is pre-trained only
 * on the side of the data that the task comes from (Split-A: inanimate, Split-B: organisms). Here every task's difference
 * to the full entry, for Split-A, Split-B and a random subset of the same size, paired over seeds and test images, with the interval over both;
 * against the full entry at equal epochs and at equal steps, because a subset at equal epochs has seen fewer images.
 */

/** What a pre-training entry is in this comparison; follows from its subset and schedule alone. */
export type Role = 'full' | 'full-equal-steps' | 'split-a' | 'split-b' | 'random';

/** Entries of one method with equal options, data and batch size that differ only in what they pre-train on. */
interface Family {
  readonly method: string;
  readonly data: string;
  readonly members: Readonly<Partial<Record<Role, ResolvedEntry>>>;
}

/** How much a member pre-trained on. Ranges over seeds: a subset may change with the seed. */
export interface Exposure {
  readonly role: Role;
  readonly entry: string;
  /** Null until a pre-training has finished. */
  readonly seen: {
    readonly images: Range;
    readonly classes: Range;
    readonly steps: Range;
    readonly imagesSeen: Range;
    /** Images of each broad group of classes, in the order of the lowest seed (most first); empty where the results tell of none. */
    readonly groups: readonly { readonly name: string; readonly images: Range }[];
  } | null;
}

export type SubsetRole = 'split-a' | 'split-b' | 'random';
export const subsetRoles: readonly SubsetRole[] = ['split-a', 'split-b', 'random'];

interface TaskDifference {
  readonly task: string;
  readonly side: 'A' | 'B' | 'mixed';
  readonly nTest: Range;
  readonly metric: string;
  /** Fractions: subset entry minus full entry; `none` where a cell is missing. */
  readonly differences: readonly { readonly role: SubsetRole; readonly entry: string; readonly difference: Summary }[];
}

/** Mean over the tasks of one side of the differences of one subset entry. */
interface SideSummary {
  readonly side: 'A' | 'B';
  readonly tasks: number;
  readonly differences: readonly {
    readonly role: SubsetRole;
    readonly entry: string;
    readonly difference: Summary;
    /** Smallest true difference that would have been found in 4 of 5 repetitions; null without an interval. */
    readonly detectable: number | null;
    readonly matches: boolean;
  }[];
}

/**
 * What the data say about one side. `shown`: the matching split is better than the full entry, and the interval leaves
 * out 0. `reversed`: the full entry is better so. `undecided`: the interval includes 0. `no-interval`: fewer than 3 seeds. `incomplete`: a seed of the suite is missing, as where its
 * training diverged, or a task has no result at all: those that are left are a selection.
 * `unlearned`: one of the two failed to learn on a task of the side, and a difference to such a run says nothing on transfer. `collapsed`: the
 * pre-training of one of the two did, and there is no difference to it. `mixed`: one of the two was measured by another protocol or metric version than the table.
 */
type Verdict = 'shown' | 'reversed' | 'undecided' | 'no-interval' | 'incomplete' | 'unlearned' | 'collapsed' | 'mixed' | 'missing';

export interface SideVerdict {
  readonly side: 'A' | 'B';
  readonly verdict: Verdict;
  readonly tasks: number;
  readonly matching: Summary;
  /** Of `matching`, as in SideSummary. */
  readonly detectable: number | null;
  /** Of the matching split's entry and the full entry those that failed to learn on a task of the side, those whose pre-training collapsed, and those that were not measured as the table on a task of the side. */
  readonly unlearned: readonly string[];
  readonly collapsed: readonly string[];
  readonly mixed: readonly string[];
  /** A random subset of the same size: where it gains as much, the matching split's gain is not one of content. */
  readonly random: Summary;
  /** Tasks of the side on which the matching split alone is better, with an interval that leaves out 0. */
  readonly tasksShown: readonly string[];
}

export interface Against {
  readonly control: 'full' | 'full-equal-steps';
  readonly entry: string;
  /** Seeds of the suite. A difference over fewer has lost some to missing cells. */
  readonly seeds: number;
  readonly tasks: readonly TaskDifference[];
  readonly sides: readonly SideSummary[];
  readonly verdicts: readonly SideVerdict[];
  /** Of the full entry and the subset entries those whose pre-training collapsed: they have no differences. */
  readonly collapsed: readonly string[];
}

export interface NegativeTransfer {
  readonly family: Family;
  readonly exposures: readonly Exposure[];
  readonly protocols: readonly { readonly id: string; readonly protocol: string; readonly protocolHash: string; readonly against: readonly Against[] }[];
}

const roleOf = (entry: ResolvedEntry): Role | null => {
  // What goes on from another entry is no comparison of data.
  if (entry.pretrain === null || entry.start !== null) return null;
  const { subset, schedule } = entry.pretrain;
  if (schedule.flops_of !== undefined) return null;
  if (subset !== 'full') return subset;
  return schedule.of === null || schedule.of === 'full' ? 'full' : 'full-equal-steps';
};

/** What entries must share to be compared: how they are pre-trained, and, in a family, how they are judged. */
const trainingKey = ({ method, options, pretrain }: ResolvedEntry): string => canonicalJson([method, options, pretrain?.data ?? null, pretrain?.batch_size ?? null]);
const familyKey = (entry: ResolvedEntry): string => canonicalJson([trainingKey(entry), entry.protocols]);

/**
 * Families that have a full entry and at least one subset entry. Of two entries in one role the first stands, but of full ones the first that
 * trains for as many epochs as the first subset does, where there is one: otherwise the length would differ with the data.
 */
export function familiesOf(suite: ResolvedSuite): readonly Family[] {
  const families = new Map<string, { method: string; data: string; members: Partial<Record<Role, ResolvedEntry>> }>();
  for (const entry of suite.entries) {
    const role = roleOf(entry);
    if (role === null || entry.pretrain === null) continue;
    const key = familyKey(entry);
    const family = families.get(key) ?? { method: entry.method, data: entry.pretrain.data, members: {} };
    family.members[role] ??= entry;
    families.set(key, family);
  }
  for (const [key, { members }] of families) {
    const epochs = subsetRoles.flatMap((role) => members[role]?.pretrain?.schedule.epochs ?? [])[0];
    const alike = suite.entries.find((entry) => roleOf(entry) === 'full' && familyKey(entry) === key && entry.pretrain?.schedule.epochs === epochs);
    if (alike !== undefined) members.full = alike;
  }
  return [...families.values()].filter(
    ({ members }) => (members.full !== undefined || members['full-equal-steps'] !== undefined) && subsetRoles.some((role) => members[role] !== undefined),
  );
}

/** An entry that is in no family though it is trained as the others: `protocols` are those that it has other options of than `other`; none: `other` has its role. */
interface LeftOut { readonly entry: string; readonly other: string; readonly protocols: readonly string[] }

export function leftOutOf(suite: ResolvedSuite): readonly LeftOut[] {
  const families = familiesOf(suite).map(({ members }) => members);
  const comparable = suite.entries.filter((entry) => roleOf(entry) !== null);
  return comparable.flatMap((entry): readonly LeftOut[] => {
    const role = roleOf(entry)!;
    if (families.some((members) => members[role]?.name === entry.name)) return [];
    const peers = comparable.filter((one) => trainingKey(one) === trainingKey(entry));
    const roles = new Set(peers.map(roleOf));
    if (!(roles.has('full') || roles.has('full-equal-steps')) || !subsetRoles.some((one) => roles.has(one))) return [];
    const twin = families.flatMap((members) => members[role] ?? []).find((one) => familyKey(one) === familyKey(entry));
    if (twin !== undefined) return [{ entry: entry.name, other: twin.name, protocols: [] }];
    const controls = [...families.flatMap((members) => members.full ?? members['full-equal-steps'] ?? []), ...peers.filter((one) => one.pretrain?.subset === 'full')];
    const control = controls.find((one) => trainingKey(one) === trainingKey(entry))!;
    const protocols = suite.protocols.map(({ name }) => name)
      .filter((name) => canonicalJson(entry.protocols[name] ?? {}) !== canonicalJson(control.protocols[name] ?? {}));
    return protocols.length === 0 ? [] : [{ entry: entry.name, other: control.name, protocols }];
  });
}

/** Of the trainings that tell; a group that one of them lacks counts 0 there. */
function groupsOf(bodies: readonly PretrainBody[]): readonly { readonly name: string; readonly images: Range }[] {
  const told = bodies.flatMap(({ groups }) => (groups === undefined ? [] : [groups]));
  const names = [...new Set(told.flatMap((groups) => groups.map(({ name }) => name)))];
  return names.map((name) => ({ name, images: rangeOf(told.map((groups) => groups.find((group) => group.name === name)?.count ?? 0)) }));
}

function exposuresOf(record: RunRecord, family: Family): readonly Exposure[] {
  const trainings = pretrainings(record);
  const roles: readonly Role[] = ['full', 'full-equal-steps', 'split-a', 'split-b', 'random'];
  return roles.flatMap((role): readonly Exposure[] => {
    const entry = family.members[role];
    if (entry === undefined) return [];
    const bodies = trainings.filter((one) => one.entry === entry.name).map(({ result }) => result);
    const over = (pick: (body: PretrainBody) => number): Range => rangeOf(bodies.map(pick));
    const seen = bodies.length === 0 ? null : {
      images: over(({ images }) => images), classes: over(({ classes }) => classes), steps: over(({ steps }) => steps), imagesSeen: over(({ imagesSeen }) => imagesSeen), groups: groupsOf(bodies),
    };
    return [{ role, entry: entry.name, seen }];
  });
}

/** Nothing of an entry whose pre-training collapsed, or that was not measured as its table. */
const isUsable = (group: Group | undefined): boolean => group !== undefined && group.collapsed === null && group.mixed.length === 0;

const matchOf = (side: 'A' | 'B'): SubsetRole => (side === 'A' ? 'split-a' : 'split-b');

const verdictOf = (matching: Summary): Verdict => {
  if (matching.kind === 'none') return 'missing';
  if (matching.kind === 'values') return 'no-interval';
  if (matching.low > 0) return 'shown';
  return matching.high < 0 ? 'reversed' : 'undecided';
};

function against(comparison: Comparison, family: Family, control: 'full' | 'full-equal-steps', entry: ResolvedEntry): Against {
  const groupsOf = (name: string): readonly Group[] => comparison.rows.find((row) => row.entry.name === name)?.groups ?? [];
  const full = groupsOf(entry.name);
  const subsets = subsetRoles.flatMap((role) => {
    const member = family.members[role];
    return member === undefined ? [] : [{ role, entry: member.name, groups: groupsOf(member.name) }];
  });

  const collapsed = [{ entry: entry.name, groups: full }, ...subsets].flatMap(({ entry: name, groups }) => (groups.some((group) => group.collapsed !== null) ? [name] : []));

  const evaluations = columnsOf(comparison);
  const columns = comparison.tasks.flatMap(({ task, facts }, column) => {
    if (facts === null) return [];
    const usable = (name: string, group: Group | undefined): Series => (isUsable(group) ? seriesOf(evaluations[column]!.get(name)!) : []);
    const own = usable(entry.name, full[column]);
    const samples = subsets.map(({ role, entry: name, groups }) => ({ role, entry: name, series: differences(usable(name, groups[column]), own) }));
    const all = [{ entry: entry.name, groups: full }, ...subsets];
    const unlearned = all.flatMap(({ entry: name, groups }) => ((groups[column]?.failedToLearn.length ?? 0) > 0 ? [name] : []));
    const mixed = all.flatMap(({ entry: name, groups }) => ((groups[column]?.mixed.length ?? 0) > 0 ? [name] : []));
    return [{ task: task.name, side: facts.side, nTest: facts.nTest, metric: facts.metric, samples, unlearned, mixed }];
  });

  // Of a task without any result it is not known which side it is of.
  const unknownTasks = columns.length < comparison.tasks.length;

  const sides = (['A', 'B'] as const).map((side): SideSummary => {
    const own = columns.filter((column) => column.side === side);
    return {
      side,
      tasks: own.length,
      differences: subsets.map(({ role, entry: name }, index) => {
        // Only seeds at which every task of the side is there: otherwise seeds would average different tasks.
        const series = averageOver(own.map(({ samples }) => samples[index]!.series));
        return { role, entry: name, difference: summaryOf(series), detectable: detectableOf(series), matches: role === matchOf(side) };
      }),
    };
  });

  const verdicts = sides.map(({ side, tasks, differences }): SideVerdict => {
    const none: Summary = { kind: 'none', n: 0 };
    const own = differences.find(({ matches }) => matches);
    const matching = own?.difference ?? none;
    const control = differences.find(({ role }) => role === 'random');
    const doubted = columns.some((column) => column.side === side && control !== undefined && [...column.unlearned, ...column.mixed].includes(control.entry));
    const random = doubted ? none : control?.difference ?? none;
    const compared = [entry.name, family.members[matchOf(side)]?.name];
    const judged = columns.filter((column) => column.side === side)
      .map((column) => ({ ...column, unlearned: column.unlearned.filter((name) => compared.includes(name)), mixed: column.mixed.filter((name) => compared.includes(name)) }));
    const tasksShown = judged
      .filter(({ samples, unlearned }) => {
        const match = samples.find(({ role }) => role === matchOf(side));
        return unlearned.length === 0 && match !== undefined && match.series.length === comparison.seeds && verdictOf(summaryOf(match.series)) === 'shown';
      })
      .map(({ task }) => task);
    const unlearned = [...new Set(judged.flatMap((column) => column.unlearned))];
    const without = tasks === 0 ? [] : collapsed.filter((name) => compared.includes(name));
    const mixed = [...new Set(judged.flatMap((column) => column.mixed))];
    const verdict = without.length > 0 ? 'collapsed' : mixed.length > 0 ? 'mixed' : tasks === 0 || matching.kind === 'none' ? 'missing' : unlearned.length > 0 ? 'unlearned' : unknownTasks || matching.n < comparison.seeds ? 'incomplete' : verdictOf(matching);
    return { side, verdict, tasks, matching, detectable: own?.detectable ?? null, unlearned, collapsed: without, mixed, random, tasksShown };
  });

  return {
    control,
    entry: entry.name,
    seeds: comparison.seeds,
    tasks: columns.map(({ task, side, nTest, metric, samples }) => ({
      task,
      side,
      nTest,
      metric,
      differences: samples.map(({ role, entry: name, series }) => ({ role, entry: name, difference: summaryOf(series) })),
    })),
    sides,
    verdicts,
    collapsed,
  };
}

/** Whether a table has a task of one side, or may have once its cells are there. */
const hasSides = ({ tasks }: Comparison): boolean => tasks.some(({ facts }) => facts === null || facts.side !== 'mixed');

/** The negative-transfer view of every family of a record, by each protocol with tasks of a side. Empty where the suite has no such entries. */
export function negativeTransfer(record: RunRecord, comparisons: readonly Comparison[] = compare(record)): readonly NegativeTransfer[] {
  return familiesOf(suiteOf(record)).map((family) => ({
    family,
    exposures: exposuresOf(record, family),
    protocols: comparisons.filter(hasSides).map((comparison) => ({
      id: comparison.id,
      protocol: comparison.title,
      protocolHash: comparison.protocol.hash,
      against: (['full', 'full-equal-steps'] as const).flatMap((control) => {
        const entry = family.members[control];
        return entry === undefined ? [] : [against(comparison, family, control, entry)];
      }),
    })),
  }));
}
