import { summaryPercent } from '../report/numbers.js';
import { reportData } from '../report/format.js';
import { failedToLearnMeans } from '../report/chance-text.js';
import { averagesText } from '../report/measure-text.js';
import { mixedSentences } from '../report/mixed-text.js';
import { headline } from '../report/sentences.js';
import type { RunRecord } from '../results/types.js';
import { textTable } from './output.js';

/**
 * The short table that `run` ends with: entries down, protocols across, each the mean over its tasks in
 * percent. The report has the rest.
 */
export function summaryText(record: RunRecord): string {
  const data = reportData(record);
  const { comparisons, suite } = data;
  if (comparisons.length === 0) return headline(data).join('\n') || 'No speed has been measured yet.';
  if (comparisons.every(({ rows }) => rows.every(({ average }) => average.summary.kind === 'none'))) return 'No entry has finished on all of its tasks.';
  const header = [['entry', ...comparisons.map(({ title }) => title)], ['', ...comparisons.map(({ protocol }) => protocol.hash)]];
  const rows = suite.entries.map((entry) => [
    entry.name,
    ...comparisons.map(({ rows: all }) => {
      const average = all.find((row) => row.entry.name === entry.name)?.average;
      if (average === undefined) return '-';
      return average.summary.kind === 'none' ? `- (${average.completeTasks} of ${average.tasks} tasks)` : `${summaryPercent(average.summary)}${average.failedToLearn ? ' †' : ''}${average.collapsed === null ? '' : ' ‡'}${average.mixed.length === 0 ? '' : ' §'}`;
    }),
  ]);
  const seeds = suite.seeds.length;
  const notes = [
    `${averagesText(comparisons)} and ${seeds} seed${seeds === 1 ? '' : 's'}${seeds < 3 ? ' (too few for intervals)' : ', ± half-width of the 95 % t-interval over seeds'}.`,
    ...record.sharedEncoders.map(({ entry, reason }) => `${entry}: ${reason}, so no interval.`),
    ...(rows.some((row) => row.some((cell) => cell.includes('†'))) ? [`† failed to learn: ${failedToLearnMeans}, on some task.`] : []),
    ...(comparisons[0]?.rows ?? []).flatMap(({ entry, average }) => (average.collapsed === null ? [] : [`‡ ${entry.name} collapsed in pre-training: ${average.collapsed}.`])),
    ...comparisons.flatMap(mixedSentences).map((sentence) => `§ ${sentence}`),
  ];
  return `${textTable([...header, ...rows])}\n${notes.join('\n')}`;
}
