import type { Interval } from '../metrics/stats/index.js';
import { unseenByKnn } from '../results/collapsed.js';
import { difference, hasAverage, rangeOf, type Comparison, type ComparisonRow, type Range } from '../results/comparison.js';
import { pairedEffect, type ColumnGroups } from '../results/effects/index.js';
import { seedsForInterval, significance, type Summary } from '../results/intervals.js';
import { leftOutOf, type Against, type NegativeTransfer, type SideVerdict } from '../results/negative-transfer.js';
import { claimsSentence } from './claims-text.js';
import { wouldBeFound } from './detectable-text.js';
import type { ReportData } from './format.js';
import { measureBehind } from './measure-text.js';
import { count, listed, percent, plural, points, rangeText, standsAt } from './numbers.js';
import { atStrictest, columnGroups, detectablesOf, isLevel, median, pText, topPairs } from './significance.js';
import { speedSentences } from './speed-sentences.js';
import { taskLabels } from './task-names.js';

/** Sentences that say what the results show and no more. Every number comes with its unit, n and protocol. */

export const sideName = (side: 'A' | 'B' | 'mixed'): string =>
  ({ A: 'inanimate', B: 'organism', mixed: 'mixed' })[side];

/**
 * `(95 % interval -0.4 to +2.1, 5 seeds)`: of a paired difference, over seeds and test images, in percentage points; `4 of 5 seeds` where some are missing.
 * `open`: what it could have shown, where it does not.
 */
const support = (difference: Summary, planned = difference.n, open: number | null = null): string => {
  const seeds = difference.n < planned ? `${difference.n} of ${plural(planned, 'seed')}` : plural(difference.n, 'seed');
  return supportOf(difference.kind === 'interval' ? difference : null, seeds, open);
};
const supportOf = (interval: Interval | null, seeds: string, open: number | null): string =>
  (interval === null ? `(${seeds}, no interval)` : `(95 % interval ${points(interval.low)} to ${points(interval.high)}, ${seeds}${open === null ? '' : `; ${wouldBeFound(open)}`})`);

/** ` (38–477 test images each)`: the smallest and largest number over tasks and seeds, where any is known. */
const testedOn = (tests: readonly (Range | undefined)[]): string => {
  const sizes = tests.flatMap((nTest) => (nTest === undefined ? [] : [nTest.low, nTest.high]));
  return sizes.length === 0 ? '' : ` (${rangeText(rangeOf(sizes))} test images${tests.length === 1 ? '' : ' each'})`;
};

/** Of more entries a sentence gives the range: each one's numbers are in the table of pairs. */
const mostWithNumbers = 3;

/** How the others stand to the highest, by the column's tests. */
const groupsTail = (groups: ColumnGroups, others: string): string => {
  const pairs = topPairs(groups);
  const level = pairs.filter(isLevel);
  const corrected = groups.pairs.length === 1 ? '' : `, Holm over ${plural(groups.pairs.length, 'pair')}`;
  const tests = `(paired tests over seeds and images${corrected})`;
  if (level.length === 0) {
    const [next] = pairs;
    const gap = next?.overall ?? null;
    return next === undefined ? '' : `; ${others} are below it, the next, ${next.against}, by ${percent(next.mean)} points${gap === null ? '' : ` (95 % interval ${percent(gap.low)} to ${percent(gap.high)} over seeds and images, ${pText(next.adjusted)}${corrected})`}`;
  }
  const names = level.length > mostWithNumbers
    ? `${listed(level.map(({ against }) => against))} (${points(-level[0]!.mean)} to ${points(-level.at(-1)!.mean)} points, the smallest ${pText(Math.min(...level.map(({ adjusted }) => adjusted)))})`
    : listed(level.map(({ against, mean, adjusted }) => `${against} (${points(-mean)} points, ${pText(adjusted)})`));
  const seen = detectablesOf(level).map((value) => percent(value));
  return `; not shown to differ from it ${tests}: ${names}${seen.length === 0 ? '' : `; ${level.length === 1 ? 'a true difference' : 'true differences'} of ${seen[0]!}${seen.at(-1) === seen[0] ? '' : ` to ${seen.at(-1)!}`} points would be found in 4 of 5 such runs`}`;
};

/** `fine-tune (2dbb68df5c34)`: a table's protocol, for numbers that stand without it. */
export const namedProtocol = (title: string, hash: string): string => `${title} (${hash})`;

/** What one protocol's table shows, in one or two sentences. `groups`: of its averages. */
export function comparisonSentence(comparison: Comparison, reference: string | null, groups: ColumnGroups | null = null): string {
  const { measure, rows, tasks } = comparison;
  const title = namedProtocol(comparison.title, comparison.protocol.hash);
  const unit = `%${measureBehind(measure)}`;
  const useless = rows.filter(({ average }) => average.collapsed !== null);
  const isMixed = ({ average }: ComparisonRow): boolean => average.mixed.length > 0;
  const otherwiseMeasured = rows.filter((row) => !useless.includes(row) && isMixed(row));
  const useful = rows.filter((row) => !useless.includes(row) && !isMixed(row));
  const scored = useful.filter(({ average }) => average.summary.kind !== 'none');
  const [only] = hasAverage(comparison) ? [] : tasks;
  const place = `${only?.task.name ?? plural(tasks.length, 'task')}${testedOn(tasks.map(({ facts }) => facts?.nTest))} by ${title}`;
  const over = `over ${place}`;
  const here = only === undefined ? `On average ${over}` : `On ${place}`;
  const others = useless.length === 0 ? '' : ' that did not collapse';
  const sorted = scored.toSorted((a, b) => meanOf(b) - meanOf(a));
  const top = sorted[0];
  const [highest] = groups?.letters.keys() ?? [];
  const best = rows.find(({ entry, average }) => (highest === undefined ? average.standing === 'best' : entry.name === highest));
  const parts: string[] = [];
  if (top === undefined) {
    parts.push(only === undefined ? `No entry${others} has finished every task ${over} yet, so no averages are compared.` : `No entry${others} has finished ${place} yet.`);
  } else if (best !== undefined) {
    const tied = rows.filter(({ average }) => average.standing === 'tied').map(({ entry }) => entry.name);
    const n = best.average.summary.n;
    const tail = tied.length === 0 ? 'no other ranked entry is tied with it' : `${listed(tied)} ${tied.length === 1 ? 'is' : 'are'} tied with it`;
    // What is not ranked may lie above it.
    const above = scored.filter((row) => row !== best && row.average.standing === null && groups?.letters.has(row.entry.name) !== true && meanOf(row) >= meanOf(best));
    parts.push(`${here}, ${best.entry.name} is highest${above.length === 0 ? '' : ' of the ranked entries'} (${percent(meanOf(best))} ${unit}, ${plural(n, 'seed')})${groups === null ? `; ${tail}` : groupsTail(groups, above.length === 0 ? 'all others' : 'all other ranked entries')}${above.length === 0 ? '' : `; not ranked, and not below it: ${listed(above.map((row) => `${row.entry.name} (${percent(meanOf(row))} ${unit})`))}`}.`);
    const unranked = useful.filter(({ average }) => average.completeTasks < average.tasks || average.failedToLearn).map(({ entry }) => entry.name);
    if (unranked.length > 0) parts.push(`Not ranked, because a seed is missing or failed to learn: ${listed(unranked)}.`);
    const shared = useful.flatMap(({ entry, average }) => (average.oneEncoder === null ? [] : [`${entry.name} (${average.oneEncoder})`]));
    if (shared.length > 0) parts.push(`Not ranked, because its seeds are no independent repeats: ${listed(shared)}.`);
  } else if (scored.length === 1) {
    parts.push(`${here}, ${top.entry.name} reaches ${percent(meanOf(top))} ${unit}; no other entry${others} has finished ${only === undefined ? 'every task' : 'it'}.`);
  } else {
    const last = sorted.at(-1)!;
    const n = Math.min(...scored.map(({ average }) => average.summary.n));
    const why = n < seedsForInterval ? `${plural(n, 'seed')}: too few for intervals, so nothing is called best` : 'nothing is called best, because too few entries have independent seeds that all learned';
    parts.push(`${only === undefined ? `Averages ${over}` : `Entries on ${place}`} run from ${percent(meanOf(last))} ${unit} (${last.entry.name}) to ${percent(meanOf(top))} ${unit} (${top.entry.name}); ${why}.`);
  }
  if (useless.length > 0) parts.push(`Nothing is concluded on what collapsed in pre-training: ${listed(useless.map(({ entry }) => entry.name))}.`);
  if (otherwiseMeasured.length > 0) parts.push(`Nothing is concluded on what ${otherwise(otherwiseMeasured.map(({ entry }) => entry.name))}: ${listed(otherwiseMeasured.map(({ entry }) => entry.name))}.`);
  const comparable = rows.filter((row) => !isMixed(row));
  const scratch = comparable.find(({ entry }) => entry.method === 'scratch');
  const main = comparable.find(({ entry }) => entry.name === reference);
  if (scratch !== undefined && main !== undefined && scratch !== main) {
    const lift = pairedEffect(comparison, null, main.entry.name, scratch.entry.name);
    const pair = groups?.pairs.find(({ entry, against }) => [entry, against].every((name) => name === main.entry.name || name === scratch.entry.name));
    // One test by itself, beside those that are corrected over all pairs.
    const among = pair === undefined || lift?.p == null || lift.p > significance || !isLevel(pair) ? '' : `; among all ${plural(groups!.pairs.length, 'pair')} it is not told from it, ${pText(pair.adjusted)}${pair.detectable === null ? '' : `; ${wouldBeFound(pair.detectable)} ${atStrictest}`}`;
    if (lift !== null && (main.average.collapsed ?? scratch.average.collapsed) === null) parts.push(`${main.entry.name} is ${standsAt(lift.mean)} ${scratch.entry.name}, which has no pre-training ${supportOf(lift.overall, plural(lift.seeds, 'seed'), lift.p !== null && lift.p > significance ? lift.detectable : null)}${among}.`);
    const lower = comparable.filter((row) => row !== main && row !== scratch).flatMap((row) => {
      const own = difference(row.average, scratch.average);
      return own.kind !== 'none' && own.mean <= 0 ? [row.entry.name] : [];
    });
    if (lower.length > 0) parts.push(`${listed(lower)} ${lower.length === 1 ? 'is' : 'are'} not above ${scratch.entry.name}, by the mean.`);
    const unsure = (groups?.pairs ?? []).flatMap((pair) => (isLevel(pair) && pair.against === scratch.entry.name && pair.entry !== main.entry.name && !lower.includes(pair.entry) ? [pair] : []));
    const seen = detectablesOf(unsure);
    const text = [...(groups === null || groups.pairs.length === 1 ? [] : [`Holm over ${plural(groups.pairs.length, 'pair')}`]), ...(seen.length === 0 ? [] : [`${wouldBeFound(median(seen))}${seen.length === 1 ? '' : ', median over them'}, ${atStrictest}`])].join('; ');
    if (unsure.length > 0) parts.push(`${listed(unsure.map(({ entry }) => entry))} ${unsure.length === 1 ? 'is' : 'are'} above ${scratch.entry.name} by the mean, and not told from it${text === '' ? '' : ` (${text})`}.`);
  }
  return parts.join(' ');
}

const meanOf = (row: ComparisonRow): number => (row.average.summary.kind === 'none' ? NaN : row.average.summary.mean);

export const controlName = (control: Against['control'], family: NegativeTransfer['family']): string => {
  if (control === 'full-equal-steps') {
    // The splits and the random subset have equal sizes, so equal epochs of any two of them are equal steps.
    const lengths = Object.values(family.members).flatMap(({ pretrain }) =>
      pretrain === null || (pretrain.subset === 'full' && pretrain.schedule.of === null) || pretrain.schedule.of === 'full' ? [] : [pretrain.schedule.epochs]);
    return new Set(lengths).size <= 1 ? 'at equal steps' : 'at steps of its own';
  }
  const schedules = Object.entries(family.members).flatMap(([role, { pretrain }]) =>
    role === 'full-equal-steps' || pretrain === null ? [] : [{ ...pretrain.schedule, subset: pretrain.subset }]);
  const own = schedules.every(({ of, subset }) => of === null || of === subset);
  return own && new Set(schedules.map(({ epochs }) => epochs)).size <= 1 ? 'at equal epochs' : 'at its own schedule';
};

/** Whether the family can say anything on negative transfer. */
export const hasSplit = ({ members }: NegativeTransfer['family']): boolean => members['split-a'] !== undefined || members['split-b'] !== undefined;

const exposure = (negative: NegativeTransfer, entry: string | undefined): string => {
  const known = negative.exposures.find((one) => one.entry === entry);
  return known === undefined || known.seen === null ? '' : ` (${rangeText(known.seen.images)} images, ${rangeText(known.seen.classes)} classes)`;
};

const splitNames = { A: 'Split-A', B: 'Split-B' } as const;

const sideTests = (against: Against, side: 'A' | 'B'): string => testedOn(against.tasks.flatMap((task) => (task.side === side ? [task.nTest] : [])));

const otherwise = (names: readonly string[]): string => `${names.length === 1 ? 'was' : 'were'} not measured as the rest of the table`;

function sideSentence(negative: NegativeTransfer, against: Against, verdict: SideVerdict): string {
  const { side, verdict: decision, matching, detectable, unlearned, collapsed, mixed, random, tasks, tasksShown } = verdict;
  const kind = `${sideName(side)} ${tasks === 1 ? 'task' : 'tasks'}`;
  if (tasks === 0) return `There is no ${sideName(side)} task.`;
  const where = `On the ${tasks === 1 ? '' : `${tasks} `}${kind}${sideTests(against, side)}`;
  const split = negative.family.members[side === 'A' ? 'split-a' : 'split-b']?.name;
  if (split === undefined) return `${where}, there is nothing to compare: no entry compared here is pre-trained on ${splitNames[side]}.`;
  if (collapsed.length > 0) return `${where}, there is nothing to compare: ${listed(collapsed)} collapsed in pre-training.`;
  if (mixed.length > 0) return `${where}, there is nothing to compare: ${listed(mixed)} ${otherwise(mixed)}.`;
  if (matching.kind === 'none') return `${where}, ${splitNames[side]} has no finished result to compare.`;
  const parts = [`${where}, ${splitNames[side]}${exposure(negative, split)} is ${standsAt(matching.mean)} full${exposure(negative, against.entry)} ${support(matching, against.seeds)}${decision === 'undecided' ? `, not decided: ${detectable === null ? 'all test images are judged alike' : `the interval includes 0, and ${wouldBeFound(detectable)}`}` : ''}`];
  if (unlearned.length > 0) parts.push(`${listed(unlearned)} failed to learn on some of them, so this says nothing on transfer`);
  if (random.kind !== 'none') parts.push(`a random subset of the same size is ${standsAt(random.mean)} full ${support(random, against.seeds)}`);
  if (tasksShown.length > 0 && tasks > 1) parts.push(`of single tasks, ${listed(tasksShown)} ${tasksShown.length === 1 ? 'shows' : 'show'} a gain whose interval leaves out 0`);
  return `${parts.join('; ')}.`;
}

/** Every side, control and protocol is judged by an interval of its own. */
const uncorrected = ' (not corrected for the number of comparisons)';

const conclusion = (negative: NegativeTransfer, protocol: string, against: Against): string => {
  const { data } = negative.family;
  const how = `by ${protocol} against ${against.entry} ${controlName(against.control, negative.family)}`;
  const judged = against.verdicts.filter(({ verdict }) => verdict !== 'missing');
  if (!hasSplit(negative.family)) return `Negative transfer is not judged ${how}: no entry compared here is pre-trained on a split`;
  if (judged.length === 0) return `Negative transfer cannot be judged yet ${how}`;
  const collapsed = [...new Set(judged.flatMap((verdict) => verdict.collapsed))];
  if (collapsed.length > 0) return `Negative transfer cannot be judged ${how}, because ${listed(collapsed)} collapsed in pre-training`;
  const mixed = [...new Set(judged.flatMap((verdict) => verdict.mixed))];
  if (mixed.length > 0) return `Negative transfer cannot be judged ${how}, because ${listed(mixed)} ${otherwise(mixed)} on a task`;
  const unlearned = [...new Set(judged.flatMap((verdict) => verdict.unlearned))];
  if (unlearned.length > 0) return `Negative transfer cannot be judged ${how}, because ${listed(unlearned)} failed to learn on a task`;
  if (judged.some(({ verdict }) => verdict === 'incomplete')) return `Negative transfer cannot be judged ${how}, because seeds or tasks are missing`;
  if (judged.some(({ verdict }) => verdict === 'no-interval')) return `Too few seeds to decide whether the ${data} data shows negative transfer ${how}`;
  const sides = (wanted: SideVerdict['verdict']): string => listed(judged.flatMap(({ side, verdict }) => (verdict === wanted ? [`${sideName(side)} tasks`] : [])));
  const [shown, reversed, undecided] = [sides('shown'), sides('reversed'), sides('undecided')];
  const unjudged = listed(against.verdicts.flatMap(({ side, verdict }) => (verdict === 'missing' ? [`${sideName(side)} tasks`] : [])));
  const open = unjudged === '' ? '' : `; on ${unjudged} there is nothing to compare`;
  if (shown === '' && reversed === '') return `Whether the ${data} data shows negative transfer is not decided ${how}, as the ${judged.length === 1 ? 'interval includes' : 'intervals include'} 0${open}${uncorrected}`;
  const found = shown === '' ? 'no negative transfer here' : 'negative transfer';
  const where = undecided !== '' || unjudged !== '' ? ` on ${shown === '' ? reversed : shown}` : shown !== '' && reversed !== '' ? ` on ${shown} only` : '';
  return `The ${data} data shows ${found}${where} ${how}${undecided === '' ? '' : `; on ${undecided} it is not decided, as the interval includes 0`}${open}${uncorrected}`;
};

/** The conclusion on negative transfer by one protocol against one control, and the numbers behind it, one sentence each. */
export const negativeTransferSentences = (negative: NegativeTransfer, protocol: string, against: Against): readonly string[] => [
  `${conclusion(negative, protocol, against)}.`,
  ...against.verdicts.map((verdict) => sideSentence(negative, against, verdict)),
];

/** The same in one sentence. Where a gain is shown, the random subset's stands beside it. */
export function negativeTransferSummary(negative: NegativeTransfer, protocol: string, against: Against): string {
  const numbers = against.verdicts.flatMap(({ side, verdict, matching, detectable, random, tasks }) => {
    if (matching.kind === 'none') return [];
    const control = verdict === 'shown' && random.kind !== 'none' ? `, where a random subset of the same size is ${standsAt(random.mean)} it ${support(random, against.seeds)}` : '';
    return [`${splitNames[side]} is ${standsAt(matching.mean)} it on ${plural(tasks, `${sideName(side)} task`)}${sideTests(against, side)} ${support(matching, against.seeds, verdict === 'undecided' ? detectable : null)}${control}`];
  });
  return `${conclusion(negative, protocol, against)}${numbers.length === 0 ? '' : `: ${numbers.join('; ')}`}.`;
}

/** Which entries have no part in negative transfer though they are trained for it, and why. */
export const leftOutSentences = (suite: ReportData['suite']): readonly string[] => leftOutOf(suite).map(({ entry, other, protocols }) =>
  `${entry} is left out of negative transfer: ${protocols.length === 0
    ? `${other} stands for the same subset`
    : `its options of ${listed(protocols)} are not those of ${other}, so a difference would not be one of data alone`}.`);

/** Entries of which a collapse could be overlooked. */
export function unseenCollapseSentences(record: ReportData['record']): readonly string[] {
  const names = unseenByKnn(record);
  return names.length === 0 ? [] : [`Whether ${listed(names)} collapsed in pre-training was looked at in the training's own numbers alone: by k-NN it would show against a scratch entry, with \`knn\` among the protocols.`];
}

/** The tables that the headline speaks of: of every measure the first, of a detector its boxes. */
export const firstOfEachMeasure = (comparisons: readonly Comparison[]): readonly Comparison[] =>
  comparisons.filter(({ measure }, at) => measure !== 'mask_ap' && comparisons.findIndex((other) => other.measure === measure) === at);

/** The tables that it does not speak of. */
function otherTablesSentence(comparisons: readonly Comparison[]): readonly string[] {
  const told = firstOfEachMeasure(comparisons);
  const others = comparisons.filter((one) => !told.includes(one));
  return others.length === 0 ? [] : [`What ${listed(others.map(({ title }) => title))} ${others.length === 1 ? 'shows' : 'show'} stands with ${others.length === 1 ? 'its table' : 'their tables'}.`];
}

/** Single tasks on which the first table tells entries apart, and those on which it does not. */
function tasksSentence({ comparisons: [first], statistics }: ReportData): readonly string[] {
  if (first === undefined || first.tasks.length < 2) return [];
  const labels = taskLabels(first.tasks.map(({ task }) => task.name));
  const tested = first.tasks.flatMap(({ task }) => columnGroups(statistics(), first.id, task.name) ?? []);
  if (tested.length === 0) return [];
  const apart = tested.filter(({ letters }) => new Set(letters.values()).size > 1);
  const open = detectablesOf(tested.filter((column) => !apart.includes(column)).flatMap(({ pairs }) => pairs));
  const seen = open.length === 0 ? '' : ` (${wouldBeFound(median(open))}, median over their pairs, ${atStrictest})`;
  const names = listed(apart.map(({ task }) => labels.get(task!)!));
  const each = tested.length === 1 ? '' : ', each task corrected over its own pairs';
  if (apart.length === 0) return [`On none of the ${plural(tested.length, 'single task')} that can be tested are any two entries told apart by ${namedProtocol(first.title, first.protocol.hash)}${each}${seen}.`];
  return [`Of ${plural(tested.length, 'single task')}, ${apart.length === tested.length ? 'all tell' : `${count(apart.length)} ${apart.length === 1 ? 'tells' : 'tell'}`} some entries apart by ${namedProtocol(first.title, first.protocol.hash)}${each}: ${names}${apart.length === tested.length ? '' : `; on the others nothing is shown${seen}`}.`];
}

/**
 * What may be concluded, in a few sentences: the claims, the first table of every measure, which others there are, single tasks, what the data say on negative transfer by the first
 * protocol, speed.
 */
export function headline(data: ReportData): readonly string[] {
  const { comparisons, negative, suite, record, statistics } = data;
  const [first] = comparisons;
  const claims = claimsSentence(record.claims);
  const speed = speedSentences(record);
  if (first === undefined) return [...claims, ...speed];
  return [
    ...claims,
    ...firstOfEachMeasure(comparisons).map((comparison) => comparisonSentence(comparison, suite.reference, columnGroups(statistics(), comparison.id, null))),
    ...otherTablesSentence(comparisons),
    ...tasksSentence(data),
    ...negative().filter(({ family }) => hasSplit(family)).flatMap((view) => view.protocols
      .filter(({ protocol }) => protocol === first.title)
      .flatMap(({ protocol, protocolHash, against }) => against.map((one) => negativeTransferSummary(view, namedProtocol(protocol, protocolHash), one)))),
    ...speed,
  ];
}

/** What is missing from the record. */
export function incompleteSentence({ jobs, pending, failures }: ReportData['record']): string {
  const keys = new Set(failures.map(({ key }) => key));
  const failed = jobs.filter(({ key }) => keys.has(key)).length; // as pending ones are counted: by ids of the plan
  const parts = [
    ...(failed > 0 ? [`${plural(failed, 'job')} failed`] : []),
    ...(pending.length > 0 ? [`${plural(pending.length, 'job')} ${pending.length === 1 ? 'has' : 'have'} not run`] : []),
  ];
  return `This run is not complete: ${listed(parts)}.`;
}
