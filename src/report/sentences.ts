import type { Comparison, ComparisonRow } from '../results/comparison.js';
import { difference } from '../results/comparison.js';
import type { Summary } from '../results/intervals.js';
import { seedsForInterval } from '../results/intervals.js';
import type { Against, NegativeTransfer, SideVerdict } from '../results/negative-transfer.js';
import type { ReportData } from './format.js';
import { listed, percent, plural, points } from './numbers.js';

/** Sentences that say what the results show and no more. Every number comes with its unit, n and protocol. */

export const sideName = (side: 'A' | 'B' | 'mixed'): string =>
  ({ A: 'inanimate', B: 'organism', mixed: 'mixed' })[side];

const interval = (summary: Summary): string =>
  summary.kind === 'interval' ? `, 95 % interval ${points(summary.low)} to ${points(summary.high)}` : '';

const seedsText = (n: number): string => plural(n, 'seed');

function contrast(row: ComparisonRow, other: ComparisonRow): string | null {
  const delta = difference(row.average, other.average);
  if (delta.kind === 'none') return null;
  const names = `${row.entry.name} is ${points(delta.mean)} points from ${other.entry.name}`;
  if (delta.kind === 'values') return `${names} (${seedsText(delta.n)}, no interval)`;
  return `${names} (paired${interval(delta)}, ${seedsText(delta.n)})`;
}

/** What one protocol's table shows, in one or two sentences. */
export function comparisonSentence(comparison: Comparison, reference: string | null): string {
  const { protocol, rows, tasks } = comparison;
  const scored = rows.filter(({ average }) => average.summary.kind !== 'none');
  const over = `over ${plural(tasks.length, 'task')} by ${protocol.name}`;
  if (scored.length === 0) return `No entry has finished every task ${over} yet, so no averages are compared.`;
  const sorted = scored.toSorted((a, b) => meanOf(b) - meanOf(a));
  const top = sorted[0]!;
  const best = rows.find(({ average }) => average.standing === 'best');
  const parts: string[] = [];
  if (best !== undefined) {
    const tied = rows.filter(({ average }) => average.standing === 'tied').map(({ entry }) => entry.name);
    const n = best.average.summary.n;
    const tail = tied.length === 0 ? 'and no other entry is tied with it' : `${listed(tied)} ${tied.length === 1 ? 'is' : 'are'} tied with it`;
    parts.push(`On average ${over}, ${best.entry.name} is highest (${percent(meanOf(best))} %, ${seedsText(n)}); ${tail}.`);
  } else if (scored.length === 1) {
    parts.push(`On average ${over}, ${top.entry.name} reaches ${percent(meanOf(top))} %; no other entry has finished every task.`);
  } else {
    const last = sorted.at(-1)!;
    const n = Math.min(...scored.map(({ average }) => average.summary.n));
    const why = n < seedsForInterval ? `${seedsText(n)}: too few for intervals, so nothing is called best` : 'nothing is called best, because too few entries learned on every task';
    parts.push(`Averages ${over} run from ${percent(meanOf(last))} % (${last.entry.name}) to ${percent(meanOf(top))} % (${top.entry.name}); ${why}.`);
  }
  const scratch = rows.find(({ entry }) => entry.method === 'scratch');
  const main = rows.find(({ entry }) => entry.name === reference);
  const lift = scratch !== undefined && main !== undefined && scratch !== main ? contrast(main, scratch) : null;
  if (lift !== null) parts.push(`Against no pre-training: ${lift}.`);
  return parts.join(' ');
}

const meanOf = (row: ComparisonRow): number => (row.average.summary.kind === 'none' ? NaN : row.average.summary.mean);

const controlName = (control: Against['control'], family: NegativeTransfer['family']): string => {
  if (control === 'full-equal-steps') return 'at equal steps';
  const epochs = new Set(
    Object.entries(family.members).flatMap(([role, entry]) =>
      role === 'full-equal-steps' || entry.pretrain === null ? [] : [entry.pretrain.schedule.epochs]),
  );
  return epochs.size <= 1 ? 'at equal epochs' : 'at its own epochs';
};
export { controlName };

const sideWords = (verdict: SideVerdict): string => {
  const split = verdict.side === 'A' ? 'Split-A' : 'Split-B';
  const tasks = `on the ${plural(verdict.tasks, `${sideName(verdict.side)} task`)}`;
  const { matching } = verdict;
  if (verdict.verdict === 'missing' || matching.kind === 'none') {
    return verdict.tasks === 0 ? `there is no ${sideName(verdict.side)} task` : `${tasks} ${split} has no finished result to compare`;
  }
  return `${tasks} ${split} is ${points(matching.mean)} points from full (${seedsText(matching.n)}${interval(matching)})`;
};

/** The verdict on negative transfer of one protocol against one control, in words. */
export function negativeTransferSentence(negative: NegativeTransfer, protocol: string, against: Against): string {
  const data = negative.family.data;
  const verdicts = against.verdicts;
  const details = verdicts.map(sideWords).join('; ');
  const how = `by ${protocol}, against ${against.entry} ${controlName(against.control, negative.family)}`;
  const judged = verdicts.filter(({ verdict }) => verdict !== 'missing');
  if (judged.length === 0) return `Negative transfer cannot be judged yet (${how}): ${details}.`;
  if (judged.some(({ verdict }) => verdict === 'no-interval')) {
    return `Too few seeds to decide whether the ${data} data shows negative transfer (${how}): ${details}.`;
  }
  const shown = judged.filter(({ verdict }) => verdict === 'shown');
  const single = verdicts.flatMap(({ tasksShown }) => tasksShown);
  const singles = single.length === 0 ? '' : ` Single tasks with an interval above 0: ${listed(single)}.`;
  if (shown.length === judged.length) return `The ${data} data shows negative transfer (${how}): ${details}.${singles}`;
  if (shown.length > 0) {
    return `The ${data} data shows negative transfer on ${listed(shown.map(({ side }) => `${sideName(side)} tasks`))} only (${how}): ${details}.${singles}`;
  }
  return `The ${data} data shows no negative transfer here (${how}): ${details}.${singles}`;
}

/** The report's headline: the first protocol's table, and what the data say on negative transfer. */
export function headline({ comparisons, negative, suite, record }: ReportData): readonly string[] {
  const [first] = comparisons;
  const sentences = first === undefined ? [] : [comparisonSentence(first, suite.reference)];
  for (const view of negative) {
    const protocol = view.protocols.find(({ protocol: name }) => name === first?.protocol.name);
    const control = protocol?.against[0];
    if (protocol !== undefined && control !== undefined) sentences.push(negativeTransferSentence(view, protocol.protocol, control));
  }
  if (!record.complete) sentences.push(incompleteSentence(record));
  return sentences;
}

/** What is missing from the record. */
export function incompleteSentence({ pending, failures }: ReportData['record']): string {
  const parts = [
    ...(failures.length > 0 ? [`${plural(failures.length, 'job')} failed`] : []),
    ...(pending.length > 0 ? [`${plural(pending.length, 'job')} ${pending.length === 1 ? 'has' : 'have'} not run`] : []),
  ];
  return `This run is not complete: ${listed(parts)}.`;
}
