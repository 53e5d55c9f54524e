import { detectableDifference } from '../metrics/stats/index.js';
import { suiteOf, tasksOf } from '../results/cells.js';
import { halfWidth, mean, summarise } from '../results/intervals.js';
import { ratioHoldsOne } from '../results/snapshots.js';
import type { RunRecord, SnapshotPoint, TimeRatio } from '../results/types.js';
import type { ReportData } from './format.js';
import { duration, listed, percent, plural, summaryPercent, threeDigits } from './numbers.js';

interface SnapshotCell { readonly text: string; readonly sub: string }

/** One protocol's encoders on their way: entries down, shares of the schedule across, and the comparison at equal accuracy. For all formats. */
export interface SnapshotTable {
  readonly protocol: string;
  /** Of the protocol. */
  readonly hash: string;
  readonly columns: readonly string[];
  readonly rows: readonly { readonly entry: string; readonly collapsed: boolean; readonly cells: readonly SnapshotCell[] }[];
  /** What is said of each comparison, with n and units. */
  readonly sentences: readonly string[];
}

/** Means over the seeds at one share. */
interface MeanPoint { readonly share: number; readonly seconds: number | null; readonly accuracy: ReturnType<typeof summarise> }

export const meanPoints = (points: readonly SnapshotPoint[]): readonly MeanPoint[] =>
  [...new Set(points.map(({ share }) => share))].map((share) => {
    const seeds = points.filter((point) => point.share === share);
    const times = seeds.flatMap(({ seconds }) => seconds ?? []);
    return { share, seconds: times.length < seeds.length ? null : mean(times), accuracy: summarise(new Map(seeds.map(({ seed, accuracy }) => [seed, accuracy]))) };
  });

/** Protocols and entries of which there are points, in the suite's order. */
export const judgedBy = (record: RunRecord): readonly { readonly protocol: string; readonly entries: readonly { readonly name: string; readonly points: readonly SnapshotPoint[] }[] }[] => {
  const { entries, protocols } = suiteOf(record);
  const all = record.snapshots?.points ?? [];
  return protocols.flatMap(({ name: protocol }) => {
    const own = entries.flatMap(({ name }) => {
      const points = all.filter((point) => point.entry === name && point.protocol === protocol);
      return points.length === 0 ? [] : [{ name, points }];
    });
    return own.length === 0 ? [] : [{ protocol, entries: own }];
  });
};

const intervalText = ({ n, low, high }: NonNullable<TimeRatio['ratio']>): string =>
  (low === null || high === null ? `${plural(n, 'seed')}, no interval` : `95 % interval ${threeDigits(low)} to ${threeDigits(high)}, ${plural(n, 'seed')}`);

/** Reasons and n stand in the sentences. */
const ratioCell = ({ ratio, verdict }: TimeRatio): SnapshotCell =>
  (ratio === null ? { text: verdict, sub: '' } : { text: `${threeDigits(ratio.value)}, ${verdict}`, sub: ratio.low === null || ratio.high === null ? '' : `${threeDigits(ratio.low)} to ${threeDigits(ratio.high)}` });

function ratioSentence({ entry, reference, protocol, verdict, reason, ratio, accuracy }: TimeRatio, tasks: number, time: string): string {
  if (ratio === null || accuracy === null) return `${entry} against ${reference} by ${protocol}: unresolved, ${reason ?? ''}.`;
  const level = `the highest accuracy that it and ${reference} both reach (${percent(accuracy)} % on average over ${plural(tasks, 'task')} by ${protocol})`;
  return `${entry} reaches ${level} in ${threeDigits(ratio.value)} times the ${time} of ${reference} (${intervalText(ratio)}): ${verdict}${reason === null ? '' : `, ${reason}`}${reason === ratioHoldsOne ? seenRatio(ratio) : ''}.`;
}

/** `; a true ratio of 2.1 or 0.476 would be found in 4 of 5 such runs`: from the spread of logarithms that the interval tells. */
function seenRatio({ n, low, high }: NonNullable<TimeRatio['ratio']>): string {
  if (low === null || high === null) return '';
  const sd = Math.log(high / low) / 2 / halfWidth(1, n);
  const factor = Math.exp(detectableDifference({ sd, n }));
  return `; a true ratio of ${threeDigits(factor)} or ${threeDigits(1 / factor)} would be found in 4 of 5 such runs`;
}

export const shareText = (share: number): string => `${Number((100 * share).toPrecision(4))} %`;

/** Whose the seconds are. */
export const ofProcessor = ({ snapshots }: Pick<RunRecord, 'snapshots'>): boolean => snapshots?.time === 'processor';

export function snapshotTables({ record, collapsed }: Pick<ReportData, 'record' | 'collapsed'>): readonly SnapshotTable[] {
  const { reference, protocols } = suiteOf(record);
  const tasks = tasksOf(record);
  return judgedBy(record).map(({ protocol, entries }) => {
    const ratios = (record.snapshots?.ratios ?? []).filter((one) => one.protocol === protocol);
    const against = ratios.some((one) => one.reference === reference);
    const shares = meanPoints(entries[0]!.points).map(({ share }) => share);
    return {
      protocol,
      hash: protocols.find(({ name }) => name === protocol)!.hash,
      columns: [...shares.map((share) => (share === 1 ? 'at the end' : `at ${shareText(share)}`)), ...(!against ? [] : [`${ofProcessor(record) ? 'processor ' : ''}time to equal accuracy, times ${reference!}`])],
      rows: entries.map(({ name, points }) => {
        const ratio = ratios.find((one) => one.entry === name && one.reference === reference);
        return {
          entry: name,
          collapsed: collapsed.has(name),
          cells: [
            ...meanPoints(points).map(({ accuracy, seconds }) => ({ text: `${summaryPercent(accuracy)} %`, sub: seconds === null ? 'time unknown' : duration(seconds) })),
            ...(ratio !== undefined ? [ratioCell(ratio)] : !against ? [] : [{ text: 'reference', sub: '' }]),
          ],
        };
      }),
      sentences: ratios.map((ratio) => ratioSentence(ratio, tasks(protocol).length, ofProcessor(record) ? 'processor time in pre-training' : 'pre-training time')),
    };
  });
}

/** `62 to 99 %`. */
const sharesText = ({ snapshots }: RunRecord): string => {
  const { least, most } = snapshots!.processorShares!;
  return `${percent(least, 0)} to ${percent(Math.min(1, most), 0)} %`;
};

/** What the numbers are, for people who see them for the first time. */
export function snapshotNotes(record: RunRecord): readonly string[] {
  const { seeds } = suiteOf(record);
  const tasks = tasksOf(record);
  const judged = judgedBy(record).map(({ protocol }) => `${tasks(protocol).length} by ${protocol}`);
  const elsewhere = record.snapshots?.otherEnvironments ?? 0;
  return [
    `Accuracy: mean over the tasks (${listed(judged)}), over ${plural(seeds.length, 'seed')} (with the 95 % t-interval from three on), of encoders at shares of their schedules, judged as the finished ones are. Time: ${ofProcessor(record) ? 'the processor time of the training steps and of making their inputs' : 'of the training steps with the wait for their inputs'}, at the mean of all but the first two of each process, as they took when they ran, in this run or an earlier one; added to it the whole of what an entry rests on, the steps of its start and the ${ofProcessor(record) ? '' : 'wall '}time of its clustering. ${ofProcessor(record) ? `Every training had one thread of a CPU, so its processor time is what it takes by the clock where nothing runs beside it and no disk is waited for; by the clock they had ${sharesText(record)} of a processor. Other jobs on the other cores may make it a little longer.` : 'Other jobs may have run beside them, more beside some than beside others: where the trainings of two entries on one thread of a CPU had shares of its time that differ by more than a tenth, nothing is concluded from theirs.'}`,
    'Before its end a schedule has not brought its rate down: one that is made for less time would come further in it.',
    ...(elsewhere === 0 ? [] : [`${plural(elsewhere, 'training')} ran on another machine or runtime, whose times cannot stand beside these, and ${elsewhere === 1 ? 'is' : 'are'} left out.`]),
  ];
}
