import { type Comparison, type Group, hasAverage } from '../results/comparison.js';
import { seedsForInterval, type Summary } from '../results/intervals.js';
import type { Format, ReportData } from './format.js';
import { measureName } from './measure-text.js';
import { mixedSentences } from './mixed-text.js';
import { metricName, percent, plural, rangeText } from './numbers.js';
import { ownOptionsSentence } from './option-facts.js';
import { columnGroups, lettersSee, markOf, type Mark } from './significance.js';
import { taskLabels } from './task-names.js';

const specials: Readonly<Record<string, string>> = {
  '\\': '\\textbackslash{}', '~': '\\textasciitilde{}', '^': '\\textasciicircum{}', '<': '\\textless{}', '>': '\\textgreater{}', '|': '\\textbar{}', '"': '\'\'',
  '\u2013': '--', '\u2212': '$-$', '\u00b1': '$\\pm$', '\u2019': '\'',
};

/** Text as it reads, whatever characters are in it; no new line. */
export const latexText = (text: string): string =>
  text.replace(/[\\~^<>|"\u2013\u2212\u00b1\u2019]|[&%$#_{}]/g, (one) => specials[one] ?? `\\${one}`).replace(/\s+/g, ' ');

const number = (summary: Summary): string => {
  switch (summary.kind) {
    case 'none': return '--';
    case 'values': return percent(summary.mean);
    case 'interval': return `${percent(summary.mean)} {\\scriptsize$\\pm$ ${percent(summary.half)}}`;
  }
};

type Doubtable = Pick<Group, 'collapsed' | 'oneEncoder' | 'mixed' | 'summary'> & { readonly failedToLearn: boolean | readonly number[]; /** Of a task's cell. */ readonly complete?: boolean };

/** A number over fewer seeds than the table's. */
const isShort = ({ complete, summary }: Doubtable): boolean => complete === false && summary.n > 0;

function cell(group: Doubtable, { letters, alone, word }: Mark): string {
  const mark = [letters, ...(word === 'tied' ? ['\\ast'] : []), ...(doubted(group) ? ['\\dagger'] : []), ...(isShort(group) ? ['\\ddagger'] : []), ...(group.mixed.length > 0 ? ['\\S'] : [])].map((one) => (one.startsWith('\\') || one === '' ? one : `\\mathrm{${one}}`)).join('');
  const text = number(group.summary);
  return `${alone ? `\\textbf{${text}}` : text}${mark === '' ? '' : `$^{${mark}}$`}`;
}

const doubted = ({ failedToLearn, collapsed, oneEncoder }: Doubtable): boolean =>
  (typeof failedToLearn === 'boolean' ? failedToLearn : failedToLearn.length > 0) || collapsed !== null || oneEncoder !== null;

/** A table that needs the packages booktabs and graphicx: what is wider than the text is made smaller. */
function table({ suite, statistics, record }: ReportData, comparison: Comparison): string {
  const { id, measure, protocol, title, seeds, tasks, rows } = comparison;
  const labels = taskLabels(tasks.map(({ task }) => task.name));
  const columns = [...tasks.map(({ task }) => task.name), null].map((task) => columnGroups(statistics(), id, task));
  const metrics = new Set(tasks.flatMap(({ facts }) => (facts === null ? [] : [metricName(facts.metric)])));
  const tests = tasks.flatMap(({ task, facts }) => (facts === null ? [] : [`${labels.get(task.name)!} ${rangeText(facts.nTest)}`]));
  const body = rows.map(({ entry, groups, average }) => [
    latexText(entry.name),
    ...groups.map((group, at) => cell(group, markOf(columns[at]!, entry.name, group.standing))),
    ...(hasAverage(comparison) ? [cell(average, markOf(columns.at(-1)!, entry.name, average.standing))] : []),
  ]);
  const words = rows.some(({ groups, average }) => [...groups, average].some(({ standing }, at) => standing !== null && columns[at] === null));
  const caption = [
    `Test ${measureName(measure)}${metrics.size === 1 && measure === 'accuracy' ? ` (${[...metrics][0]!})` : ''} in % by ${title} (protocol ${protocol.hash}), ${seeds < seedsForInterval ? `mean over ${plural(seeds, 'seed')}` : `mean \u00b1 half-width of the 95 % t-interval over ${plural(seeds, 'seed')}`}.`,
    ...(tests.length === 0 ? [] : [`Test images of one seed: ${tests.join(', ')}.`]),
    ...(columns.some((column) => column !== null) ? ['Entries of a column that share a letter are not shown to differ, those that share none differ (paired tests over seeds and test images, 5 %, Holm\u2019s correction over the pairs of a column); bold: alone with the letter of the highest mean.'] : []),
    ...[lettersSee(columns.slice(0, -1), hasAverage(comparison) ? columns.at(-1)! : null)].filter((sentence) => sentence !== ''),
    ...(words ? ['Columns without letters: bold is the highest mean, * tied with it (paired 95 % t-interval over seeds).'] : []),
    ...(rows.some(({ groups, average }) => doubted(average) || groups.some(doubted)) ? ['\u2020 nothing is concluded: it failed to learn, collapsed, or has one encoder for all seeds.'] : []),
    ...rows.flatMap(({ entry, groups }) => groups.filter(isShort).map(({ task, summary }) => `\u2021 over fewer seeds: ${entry.name} on ${labels.get(task)!}, ${summary.n} of ${seeds}.`)),
    ...ownOptionsSentence(rows.map(({ entry }) => entry), protocol),
    ...mixedSentences(comparison).map((sentence) => `\u00a7 ${sentence}`),
    `maskbench ${record.version}.`,
  ].map((sentence) => latexText(sentence).replace('\u2020', '$^\\dagger$').replace('\u2021', '$^\\ddagger$').replace('\u00a7', '$^\\S$')).join(' ');
  const line = (cells: readonly string[]): string => `    ${cells.join(' & ')} \\\\`;
  return [
    '\\begin{table}',
    '  \\centering',
    `  \\caption{${caption}}`,
    `  \\label{tab:${`${suite.name}-${id}`.replace(/[^\w-]+/g, '-')}}`,
    '  \\resizebox{\\ifdim\\width>\\linewidth\\linewidth\\else\\width\\fi}{!}{%',
    `  \\begin{tabular}{l${'r'.repeat(tasks.length + Number(hasAverage(comparison)))}}`,
    '    \\toprule',
    line(['entry', ...tasks.map(({ task }) => latexText(labels.get(task.name)!)), ...(hasAverage(comparison) ? ['average'] : [])]),
    '    \\midrule',
    ...body.map(line),
    '    \\bottomrule',
    '  \\end{tabular}}',
    '\\end{table}',
  ].join('\n');
}

/** The tables of results for a paper, one after the other. */
export const latex: Format = {
  name: 'latex',
  file: 'results.tex',
  render: (data) => [
    `% ${latexText(data.suite.name)}, results of ${data.record.createdAt}. Needs \\usepackage{booktabs, graphicx}.`,
    ...data.comparisons.map((comparison) => table(data, comparison)),
  ].map((part) => `${part}\n`).join('\n'),
};
