import { createHash } from 'node:crypto';
import { stringify } from 'yaml';
import type { Comparison, TaskColumn } from '../../results/comparison.js';
import { taskChance } from '../chance-text.js';
import { forestChart } from '../charts/forest.js';
import { looks } from '../charts/palette.js';
import { pairsView } from './pairs-view.js';
import { paretoCharts } from './pareto-view.js';
import { choiceTables } from '../choice-text.js';
import { copySentences } from '../copies-text.js';
import type { ReportData } from '../format.js';
import { count, metricName, plural, rangeText } from '../numbers.js';
import { oracleTable } from '../oracle-table.js';
import { publishedFiles } from '../published-files.js';
import { restatementViews } from '../restatement-text.js';
import { firstOfEachMeasure, headline, incompleteSentence, leftOutSentences, sideName, unseenCollapseSentences } from '../sentences.js';
import { againstView } from './against-view.js';
import { attentionView } from './attention-view.js';
import { cellsViews } from './cells-view.js';
import { certaintyView } from './certainty-view.js';
import { choicesView } from './choices-view.js';
import { claimsView } from './claims-view.js';
import { clustersView } from './clusters-view.js';
import { aboutEntry, comparisonPanel } from './comparison-view.js';
import { costView } from './cost-view.js';
import { densePanels } from './dense-view.js';
import { differenceView } from './difference-view.js';
import { negativeView } from './negative-view.js';
import { overTasksView } from './over-tasks-view.js';
import { overviewView } from './overview-view.js';
import { methodCurves, previews } from './pretrain-view.js';
import { profileView } from './profile-view.js';
import { credits, environments, failureViews, jobViews, protocolView, sourceViews } from './provenance-view.js';
import { publishedView } from './published-view.js';
import { seedsView } from './seeds-view.js';
import { snapshotsView } from './snapshots-view.js';
import { speedView } from './speed-view.js';
import { loadTemplates } from './templates.js';

const taskView = ({ task, facts }: TaskColumn): object => ({
  name: task.name,
  side: facts === null ? '' : sideName(facts.side),
  metric: facts === null ? 'no result yet' : metricName(facts.metric),
  classes: facts === null ? '' : rangeText(facts.classes),
  chance: facts === null ? '' : taskChance(facts),
  nTrain: facts === null ? '' : rangeText(facts.nTrain),
  nValidation: facts === null ? '' : rangeText(facts.nValidation),
  nTest: facts === null ? '' : rangeText(facts.nTest),
  notes: facts === null ? [] : facts.notes.map(({ note, seeds }) => (facts.notes.length === 1 ? note : `${seeds.length === 1 ? 'seed' : 'seeds'} ${seeds.join(', ')}: ${note}`)),
});

/** Facts of a task from any protocol that has finished a cell of it. */
const taskViews = ({ suite, comparisons }: ReportData): readonly object[] =>
  suite.tasks.map((task) =>
    taskView(comparisons.flatMap(({ tasks }) => tasks).find((column) => column.task.name === task.name && column.facts !== null) ?? { task, facts: null }));

/** Null where the suite has no oracle. */
function oracleView(data: ReportData, comparison: Comparison): object | null {
  const table = oracleTable(data, comparison);
  return table === null ? null : { ...table, columns: [...comparison.tasks.map(({ task }) => task.name), 'average'] };
}

/** `2024-05-01 13:45 UTC`. */
const dateText = (iso: string): string => iso.replace('T', ' ').replace(/:\d\d(\.\d+)?Z$/, ' UTC');

/** The whole report as one page that needs nothing else. */
export async function renderPage(data: ReportData): Promise<string> {
  const { record, suite, cells, comparisons } = data;
  const statistics = data.statistics();
  const templates = await loadTemplates();
  const entryLooks = looks(suite.entries);
  const failures = failureViews(record, cells);
  const curves = methodCurves(record, entryLooks);
  const pictures = previews(record);
  const restatements = restatementViews(record);
  const leftOut = leftOutSentences(suite);
  const leading = firstOfEachMeasure(comparisons);
  const { model } = suite;
  return templates.page({
    style: templates.style,
    script: templates.script,
    scriptHash: createHash('sha256').update(templates.script).digest('base64'),
    title: suite.title === '' ? suite.name : suite.title,
    suiteName: suite.name,
    description: suite.description,
    version: record.version,
    date: dateText(record.createdAt),
    summary: [
      plural(suite.entries.length, 'entry', 'entries'),
      ...(suite.tasks.length === 0 ? [] : [plural(suite.tasks.length, 'task'), plural(suite.protocols.length, 'protocol'), plural(suite.seeds.length, 'seed')]),
      ...(suite.speed === null || suite.speed === undefined ? [] : [`speed of ${plural(suite.speed.models.length, 'model')}`]),
    ],
    headline: headline(data),
    incomplete: record.complete ? '' : incompleteSentence(record),
    pending: record.pending.slice(0, 50),
    pendingMore: Math.max(0, record.pending.length - 50),
    failures,
    overview: overviewView(comparisons, statistics),
    panels: comparisons.map((comparison) => ({
      inHeadline: leading.includes(comparison),
      ...comparisonPanel(comparison, suite.reference, entryLooks, statistics),
      oracle: oracleView(data, comparison),
      differences: differenceView(comparison, suite.reference, statistics),
      forest: forestChart(comparison, suite.reference, entryLooks, statistics),
      pareto: paretoCharts(comparison, data, entryLooks),
      seedValues: seedsView(comparison),
      certainty: certaintyView(comparison, statistics),
      pairs: pairsView(comparison, statistics),
      overTasks: overTasksView(comparison, suite.reference, statistics),
    })),
    cellDetails: cellsViews(data),
    claims: claimsView(record.claims),
    against: againstView(data.against),
    dense: densePanels(data, entryLooks),
    snapshots: snapshotsView(data, entryLooks),
    leftOut,
    negativeTransfer: data.negative().length > 0 || leftOut.length > 0,
    negative: data.negative().map((view, index) => negativeView(view, index, entryLooks)),
    unseenCollapse: unseenCollapseSentences(record),
    curves,
    previews: pictures,
    restatements,
    pretraining: curves.length > 0 || pictures.length > 0 || restatements.length > 0,
    clusters: clustersView(record),
    attention: attentionView(data),
    judged: suite.protocols.length > 0,
    speed: speedView(record, entryLooks),
    published: publishedView(data, await publishedFiles()),
    cost: costView(data.costs),
    profile: profileView(record.profile),
    choices: choiceTables(data).map(choicesView),
    entries: suite.entries.map((entry) => ({ name: entry.name, about: aboutEntry(entry), description: [`method/${entry.method}`, `entry/${entry.name}`].flatMap((name) => record.descriptions?.[name] ?? []).join(' ') })),
    tasks: taskViews(data),
    sources: sourceViews(record),
    copies: copySentences(record),
    protocols: suite.protocols.map((protocol) => protocolView(record, suite, protocol)),
    model: `${model.name}: ${model.image_size} px images, patches of ${model.patch_size} px, width ${model.width}, depth ${model.depth}, ${model.heads} heads, MLP ratio ${model.mlp_ratio}`,
    engine: `${plural(suite.engine.threads, 'thread')} a worker, precision ${suite.engine.precision}`,
    environments: environments(record),
    jobs: jobViews(record),
    jobCount: count(record.jobs.length),
    suiteText: record.suiteText,
    resolved: stringify(record.suite),
    credits: credits(record),
  });
}
