import type { Gate, GateRow, Unclear, Verdict } from '../results/gate/index.js';
import { seedsForInterval } from '../results/intervals.js';
import { measureName } from './measure-text.js';
import { percent, plural, points, threeDigits } from './numbers.js';

/** How a gate's verdicts and rows read, the same in every format. */
export const verdictWord: Readonly<Record<Verdict['verdict'], string>> = { pass: 'pass', regressed: 'regressed', 'cannot-tell': 'cannot tell' };

/** Exit code of `maskbench compare`. */
export const gateExitCode: Readonly<Record<Verdict['verdict'], number>> = { pass: 0, regressed: 1, 'cannot-tell': 2 };

const speeds = { images_per_second: 'steps', images_per_second_with_loader: 'steps with loader' } as const;

/** `mae, emoji/plants, fine-tune`. */
export const rowName = (row: GateRow): string =>
  (row.kind === 'quality' ? (row.entry === null ? 'mean of all averages that changed' : `${row.entry}, ${row.task ?? 'average over tasks'}, ${row.table ?? ''}`) : `${row.entry}, ${speeds[row.quantity]}, ${row.model}`);

const ratio = (value: number): string => value.toFixed(3);

/** `+1.2 [+0.3, +2.1] points`, `0.953 [0.941, 0.966] times`. Empty where nothing is compared. */
export function changeText(row: GateRow): string {
  if (row.kind === 'speed') return row.ratio === null ? '' : `${ratio(row.ratio.value)}${row.ratio.low === null || row.ratio.high === null ? '' : ` [${ratio(row.ratio.low)}, ${ratio(row.ratio.high)}]`} times`;
  if (row.change === null) return '';
  if (row.identical) return 'identical';
  const { mean, interval } = row.change;
  return `${points(mean)}${interval === null ? '' : ` [${points(interval.low)}, ${points(interval.high)}]`} points`;
}

/** What was measured, before and now. */
export function valueTexts(row: GateRow): readonly [string, string] {
  const text = (value: number | null): string => (value === null ? '' : row.kind === 'quality' ? percent(value) : `${threeDigits(value)} images/s`);
  return [text(row.before), text(row.now)];
}

const measureText = (row: GateRow): string => (row.kind === 'quality' ? (row.measure === null ? 'quality' : measureName(row.measure)) : 'throughput');

/** `accuracy, protocol e24437f0de0a`, `throughput, settings 1c93c2f1a7de`: numbers of another hash are another measurement. */
export function identityText(row: GateRow): string {
  const [word, hash] = row.kind === 'quality' ? ['protocol', row.protocolHash] : ['settings', row.measurement];
  return `${measureText(row)}${hash === null ? '' : `, ${word} ${hash}`}`;
}

/** Why, and what settles it. */
export function unclearText(reason: Unclear): string {
  switch (reason.why) {
    case 'baseline-missing': return `there is no baseline ${reason.file}; record one with \`maskbench baseline record NAME RUN\``;
    case 'nothing-compared': return 'the baseline has nothing to compare with';
    case 'not-run': return 'the run has not finished it';
    case 'absent': return 'the run does not have it; record the baseline anew if that is meant';
    case 'not-measured': return 'its job has finished without this measure; record the baseline anew if that is meant';
    case 'failed': return 'one fails now';
    case 'other-options': return `the entry has other options of its own for this protocol (${reason.before} before, ${reason.now} now); record the baseline anew if that is meant`;
    case 'other-protocol': return `another protocol (${reason.before} before, ${reason.now} now); record the baseline anew if that is meant`;
    case 'other-metric-version': return `another version of the metrics (${reason.before} before, ${reason.now} now); record the baseline anew`;
    case 'other-data': return `its data has other pictures or annotations, or is drawn from other packages (fingerprint ${reason.before} before, ${reason.now} now); record the baseline anew if that is meant`;
    case 'other-images': return 'other test images or classes; record the baseline anew if that is meant';
    case 'other-measurement': return `measured otherwise (${reason.before} before, ${reason.now} now)`;
    case 'other-environment': return 'another machine or runtime; measure both on this one with --against REF, or record a baseline here';
    case 'no-common-seed': return 'the run and the baseline have no seed in common';
    case 'too-few-seeds': return `too few seeds (${reason.seeds})${reason.detectable === null ? ': nothing tells what chance does' : `: a drop of ${percent(reason.detectable)} points would be seen were it the only row`}${reason.settles === null ? '' : `; about ${plural(reason.settles, 'seed')} would settle this row`}`;
    case 'rows-open': return `${reason.open} of ${plural(reason.of, 'average')} or speeds leave it open, such as ${rowName(reason.row)}: ${unclearText(reason.reason)}${reason.settles === null ? '' : `; with about ${plural(reason.settles, 'seed')} all of them would pass 4 times in 5, had nothing changed`}`;
    case 'one-of-many': return `alone it would be a regression, but chance makes some like it among so many rows (p ${reason.adjusted.toPrecision(2)} for all together)`;
    case 'too-few-rounds': return reason.rounds < seedsForInterval ? `too few rounds (${reason.rounds}): an interval needs ${seedsForInterval}` : `${reason.rounds} rounds leave it open: more of them, or a machine that does nothing else, would tell`;
    case 'visits-missing': return `measured at ${reason.before} of ${reason.of} turns before and ${reason.now} of ${reason.of} now`;
    case 'cells-missing': return `not all of its tasks: ${unclearText(reason.of)}`;
  }
}

/** Of a `row`, or of all. Beside a regression stands the p that decided: it is one-sided, the interval beside it two-sided. */
export function reasonText(verdict: Verdict, { tolerance, slower }: Gate['tolerances'], row?: GateRow): string {
  switch (verdict.verdict) {
    case 'pass': return '';
    case 'cannot-tell': return unclearText(verdict.reason);
    case 'regressed':
      if (verdict.because === 'failed') return `it had a value and fails now: ${verdict.message.split('\n')[0]!}`;
      if (row === undefined) return 'worse by more than is tolerated';
      return `${row.kind === 'quality' ? `worse by more than ${percent(tolerance)} points` : `slower by more than ${percent(slower, 0)} %`}${row.adjusted === null ? '' : `, one-sided p ${row.adjusted.toPrecision(2)}`}`;
  }
}

/** One sentence: the verdict, what was compared with what, and why. */
export function gateSentence(gate: Gate): string {
  const count = (wanted: Verdict['verdict']): number => gate.rows.filter(({ verdict }) => verdict.verdict === wanted).length;
  const counts = (['regressed', 'cannot-tell', 'pass'] as const).flatMap((verdict) => (count(verdict) === 0 ? [] : [`${count(verdict)} ${verdictWord[verdict]}`]));
  const reason = reasonText(gate.verdict, gate.tolerances);
  return `${gate.suite} against ${gate.against}: ${verdictWord[gate.verdict.verdict]}${reason === '' ? '' : ` (${reason})`}${counts.length === 0 ? '' : `; of ${plural(gate.rows.length, 'row')} ${counts.join(', ')}`}.`;
}
