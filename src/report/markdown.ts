import { type ComparisonRow, type Group, hasAverage, type TaskColumn } from '../results/comparison.js';
import type { ColumnGroups } from '../results/effects/index.js';
import type { Summary } from '../results/intervals.js';
import { againstCell, againstMeans, againstSentence, changeSide, identicalSentence, isIdentical } from './against-text.js';
import { chanceSentence, failedToLearnMeans } from './chance-text.js';
import { copySentences } from './copies-text.js';
import { bestChoice, choiceTables, doneOf } from './choice-text.js';
import { claimTexts } from './claims-text.js';
import type { Format, ReportData } from './format.js';
import { escape } from './markdown-escape.js';
import { listed, metricName, plural, rangeText, summaryPercent } from './numbers.js';
import { measureName } from './measure-text.js';
import { ownOptionsSentence } from './option-facts.js';
import { hasSplit, headline, incompleteSentence, leftOutSentences, namedProtocol, negativeTransferSummary, unseenCollapseSentences } from './sentences.js';
import { mixedSentences } from './mixed-text.js';
import { columnGroups, lettersMean, lettersSee, markOf, wordsMean } from './significance.js';
import { restatementSentences } from './restatement-text.js';
import { oracleTable } from './oracle-table.js';
import { overTasksMean, overTasksTable } from './over-tasks-table.js';
import { speedTables } from './speed-table.js';
import { snapshotNotes, snapshotTables } from './snapshot-table.js';
import { taskLabels } from './task-names.js';

const collapsedMark = ' ‡';
const mixedMark = ' §';
/** An entry's name in a table whose cells carry no marks. */
const nameText = ({ entry, collapsed }: { readonly entry: string; readonly collapsed: boolean }): string => `${escape(entry)}${collapsed ? collapsedMark : ''}`;

function marks(entry: string, { standing, collapsed, mixed }: Pick<Group, 'standing' | 'collapsed' | 'mixed'>, failed: boolean, groups: ColumnGroups | null): string {
  const { letters, word } = markOf(groups, entry, standing);
  return `${letters === '' ? '' : ` <sup>${letters}</sup>`}${word === 'best' ? ' **best**' : ''}${word === 'tied' ? ' (tied)' : ''}${failed ? ' †' : ''}${collapsed === null ? '' : collapsedMark}${mixed.length === 0 ? '' : mixedMark}`;
}

const cellText = (group: Group, seeds: number, groups: ColumnGroups | null): string => {
  if (group.sample.size === 0) return group.cells.some(({ state }) => state === 'failed' || state === 'skipped') ? 'failed' : 'not run';
  const missing = group.complete ? '' : ` (${group.sample.size} of ${seeds} seeds)`;
  return `${summaryPercent(group.summary)}${missing}${marks(group.entry, group, group.failedToLearn.length > 0, groups)}`;
};

const averageText = ({ entry, average }: ComparisonRow, groups: ColumnGroups | null): string => {
  if (average.summary.kind === 'none') return `– (${average.completeTasks} of ${average.tasks} tasks)`;
  return `${summaryPercent(average.summary)}${marks(entry.name, average, average.failedToLearn, groups)}`;
};

const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

const intervalNote = (kind: Summary['kind'] | undefined, seeds: number): string =>
  kind === 'interval'
    ? `mean ± half-width of the 95 % t-interval over ${plural(seeds, 'seed')} (seeds only)`
    : `mean over ${plural(seeds, 'seed')}, too few for intervals`;

function tables({ comparisons, statistics }: ReportData): readonly string[] {
  return comparisons.map((comparison) => {
    const { id, measure, protocol, title, tasks, rows, seeds } = comparison;
    const groupsIn = (task: string | null): ColumnGroups | null => columnGroups(statistics(), id, task);
    const labels = taskLabels(tasks.map(({ task }) => task.name));
    const metrics = new Set(tasks.flatMap(({ facts }) => (facts === null ? [] : [metricName(facts.metric)])));
    const [metric] = metrics;
    const factsText = ({ facts }: TaskColumn): string =>
      facts === null ? '' : ` (${metrics.size > 1 ? `${metricName(facts.metric)}, ` : ''}n ${rangeText(facts.nTest)})`;
    const header = ['entry', ...tasks.map((column) => `${escape(labels.get(column.task.name)!)}${factsText(column)}`), ...(hasAverage(comparison) ? [`average of ${plural(tasks.length, 'task')}`] : [])];
    const kind = rows.flatMap(({ groups }) => groups).find(({ summary }) => summary.kind !== 'none')?.summary.kind;
    const seen = lettersSee(tasks.map(({ task }) => groupsIn(task.name)), hasAverage(comparison) ? groupsIn(null) : null);
    return [
      `### ${escape(title)} \`${protocol.hash}\``,
      `Test ${measureName(measure)}${measure === 'accuracy' && metrics.size === 1 ? ` (${metric!})` : ''} in %, ${intervalNote(kind, seeds)}; n: test images.`,
      '',
      line(header),
      line(header.map((_, index) => (index === 0 ? '---' : '---:'))),
      ...rows.map((row) => line([escape(row.entry.name), ...row.groups.map((group) => cellText(group, seeds, groupsIn(group.task))), ...(hasAverage(comparison) ? [averageText(row, groupsIn(null))] : [])])),
      ...[seen, ...ownOptionsSentence(rows.map(({ entry }) => entry), protocol)].filter((sentence) => sentence !== '').flatMap((sentence) => ['', escape(sentence)]),
    ].join('\n');
  });
}

/** One table for all protocols: a second view of their averages. */
function overTasks({ comparisons, suite, statistics }: ReportData): readonly string[] {
  const columns = comparisons.flatMap((comparison) => {
    const table = overTasksTable(comparison, suite.reference, statistics());
    return table === null ? [] : [{ comparison, table }];
  });
  const [first] = columns;
  if (first === undefined) return [];
  const { reference } = first.table;
  const header = ['entry', ...columns.map(({ comparison: { title, protocol, measure, tasks } }) => `${escape(title)} \`${protocol.hash}\` (${measureName(measure)}, ${plural(tasks.length, 'task')})`)];
  return [[
    '### Over tasks',
    escape(`In each cell the interquartile mean in %${reference === null ? '' : `; the probability of improvement over ${reference}`}. ${overTasksMean(reference)}`),
    '',
    line(header),
    line(header.map((_, index) => (index === 0 ? '---' : '---:'))),
    ...first.comparison.rows.map(({ entry }, at) => line([escape(entry.name), ...columns.map(({ comparison, table }) => {
      const { interquartileMean, improvement } = table.rows[at]!;
      const { average } = comparison.rows[at]!;
      return `${interquartileMean}${reference === null ? '' : `; ${improvement}`}${marks(entry.name, { ...average, standing: null }, average.failedToLearn, null)}`;
    })])),
  ].join('\n')];
}

const fence = (text: string): string => {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  return '`'.repeat(longest + 1);
};

function failures({ record }: ReportData): readonly string[] {
  if (record.failures.length === 0) return [];
  const text = record.failures.map(({ id, message, log }) => `${id}: ${message}\n  log: ${log}`).join('\n');
  return [`### Failed jobs\n${fence(text)}\n${text}\n${fence(text)}`];
}

function negative(data: ReportData): readonly string[] {
  const sentences = data.negative().filter(({ family }) => hasSplit(family)).flatMap((view) =>
    // The first protocol's stand in the headline.
    view.protocols.slice(1).flatMap(({ protocol, protocolHash, against }) => against.map((one) => `- ${escape(negativeTransferSummary(view, namedProtocol(protocol, protocolHash), one))}`)));
  return sentences.length === 0 ? [] : [['### Negative transfer by the other protocols', ...sentences].join('\n')];
}

function choices(data: ReportData): readonly string[] {
  const lines = choiceTables(data).flatMap(({ title, rows }) => rows.flatMap(({ entry, groups }) => {
    const best = bestChoice(groups.flatMap(doneOf), '');
    return best === null ? [] : [line([title, entry.name, best.text, best.validation, listed(best.atEdge)].map(escape))];
  }));
  if (lines.length === 0) return [];
  return [['### Best options on average', 'By mean validation score in % (accuracy, mIoU, or box AP at IoU 0.5) over tasks and seeds, of all that was tried.', '',
    line(['protocol', 'entry', 'options', 'mean', 'at an edge of its list']), line(['---', '---', '---', '---:', '---']), ...lines].join('\n')];
}

function claims({ record }: ReportData): readonly string[] {
  const all = claimTexts(record.claims);
  if (all.length === 0) return [];
  const lines = all.filter(({ parts }) => parts.length > 0).map(({ id, text, test, verdict, parts, why }) => {
    const effects = parts.map((part) => `${part.on}${part.hashes === '' ? '' : ` (${part.hashes})`}: ${part.effect}${part.over === '' ? '' : `, ${part.over}`}${part.verdict === '' ? '' : `, ${part.verdict}`}`);
    return `- **${escape(verdict)}** ${escape(`${id}: ${text} ${test}. ${effects.join('; ')}${why === '' ? '' : ` (${why})`}.`)}`;
  });
  const notAsked = all.filter(({ parts }) => parts.length === 0).map(({ id, why }) => `${id} (${why})`);
  if (notAsked.length > 0) lines.push(`- not asked here: ${escape(notAsked.join('; '))}.`);
  return [['### Claims', ...lines].join('\n')];
}

const shownChanges = 20;

function against({ against: difference }: ReportData): readonly string[] {
  if (difference === null) return [];
  const changes = [...difference.suite, ...difference.origin];
  return [
    [`### Against ${escape(difference.name)}`, escape(againstSentence(difference)), '',
      ...changes.slice(0, shownChanges).map(({ place, here, there }) => `- ${escape(`${place}: ${changeSide(there)} there, ${changeSide(here)} here`)}`),
      ...(changes.length > shownChanges ? [`- and ${changes.length - shownChanges} more`] : [])].join('\n'),
    ...(identicalSentence(difference) === '' ? [] : [escape(identicalSentence(difference))]),
    ...difference.tables.filter((table) => !isIdentical(table)).map(({ title, tasks, entries, cells }) => {
      const labels = taskLabels(tasks);
      const header = [escape(title), ...tasks.map((task) => escape(labels.get(task)!)), ...(tasks.length < 2 ? [] : ['average'])];
      return [line(header), line(header.map((_, index) => (index === 0 ? '---' : '---:'))), ...entries.map((entry) => line([
        escape(entry),
        ...cells.filter((cell) => cell.entry === entry).map(againstCell).map(({ main, interval, values, differs, seen, flags }) => escape([main, interval, values, seen, ...flags].filter((part) => part !== '').join('; ')) + (differs ? ' **differs**' : '')),
      ]))].join('\n');
    }),
    ...(difference.tables.every(isIdentical) ? [] : [escape(againstMeans)]),
  ];
}

function oracles(data: ReportData): readonly string[] {
  return data.comparisons.flatMap((comparison) => {
    const table = oracleTable(data, comparison);
    if (table === null) return [];
    const labels = taskLabels(comparison.tasks.map(({ task }) => task.name));
    const header = ['reads test data', ...comparison.tasks.map(({ task }) => escape(labels.get(task.name)!)), 'average'];
    return [[
      `### ${escape(table.title)}`, escape(table.about), '',
      line(header), line(header.map((_, index) => (index === 0 ? '---' : '---:'))), ...table.rows.map((row) => line([nameText(row), ...row.cells])),
    ].join('\n')];
  });
}

function speed({ record }: ReportData): readonly string[] {
  return speedTables(record).map(({ model, columns, rows, notes: about }) => [
    `### Speed with ${escape(model)}`,
    ...about.map(escape),
    '',
    line(['entry', ...columns]),
    line(['---', ...columns.map(() => '---:')]),
    ...rows.map(({ entry, cells }) => line([escape(entry), ...cells.map(({ text, sub }) => escape(sub === '' ? text : `${text}; ${sub}`))])),
  ].join('\n'));
}

function snapshots(data: ReportData): readonly string[] {
  const tables = snapshotTables(data).map(({ protocol, hash, columns, rows, sentences }) => [
    `### Accuracy against pre-training time by ${escape(protocol)} \`${hash}\``,
    ...sentences.map(escape),
    '',
    line(['entry', ...columns.map(escape)]),
    line(['---', ...columns.map(() => '---:')]),
    ...rows.map((row) => line([nameText(row), ...row.cells.map(({ text, sub }) => escape(sub === '' ? text : `${text}; ${sub}`))])),
  ].join('\n'));
  return tables.length === 0 ? [] : [...tables, snapshotNotes(data.record).join(' ')];
}

function notes(data: ReportData): readonly string[] {
  const groups = data.comparisons.flatMap(({ rows }) => rows.flatMap((row) => row.groups));
  const shared = data.record.sharedEncoders.map(({ entry, reason }) => `${escape(entry)}: ${reason}, so no interval and no rank.`);
  const collapsed = (data.comparisons[0]?.rows ?? []).flatMap(({ entry, average }) => (average.collapsed === null ? [] : [`${escape(entry.name)} collapsed in pre-training: ${escape(average.collapsed)}; nothing is concluded on it.`]));
  const failed = groups.filter(({ failedToLearn }) => failedToLearn.length > 0);
  const chance = chanceSentence(data.comparisons[0]?.tasks ?? []);
  return [
    ...(chance === '' ? [] : [chance]),
    ...copySentences(data.record).map(escape),
    ...shared,
    ...leftOutSentences(data.suite).map(escape),
    ...unseenCollapseSentences(data.record).map(escape),
    ...collapsed.map((text) => `‡ ${text}`),
    ...data.comparisons.flatMap(mixedSentences).map((text) => `§ ${escape(text)}`),
    ...(failed.length > 0 ? [`† failed to learn: ${failedToLearnMeans}, in at least one seed.`] : []),
    ...(data.statistics().groups.length > 0 ? [lettersMean] : []),
    ...(data.comparisons.some(({ id, rows }) => rows.some((row) => [...row.groups, { ...row.average, task: null }].some(({ task, standing }) => standing !== null && columnGroups(data.statistics(), id, task) === null))) ? [wordsMean] : []),
  ];
}

/** A short summary for a pull-request comment: headline, one table a protocol, best options, failures. */
export const markdown: Format = {
  name: 'markdown',
  file: 'summary.md',
  render(data) {
    const { suite, record } = data;
    return `${[
      `## ${escape(suite.title === '' ? suite.name : suite.title)}`,
      ...headline(data).map(escape),
      record.complete ? '' : `**${escape(incompleteSentence(record))}**`,
      ...tables(data),
      notes(data).join(' '),
      ...restatementSentences(record).map(escape),
      ...overTasks(data),
      ...claims(data),
      ...against(data),
      ...oracles(data),
      ...speed(data),
      ...snapshots(data),
      ...negative(data),
      ...choices(data),
      ...failures(data),
      `Suite \`${suite.name}\`, maskbench ${record.version}, results of ${record.createdAt}.`,
    ].filter((part) => part !== '').join('\n\n')}\n`;
  },
};
