import { Command } from 'commander';
import type { PlannedSuite } from '../catalog.js';
import type { DeviceChoice } from '../engine/runtime/index.js';
import { MaskbenchError } from '../errors.js';
import type { Plan, PlannedJob } from '../runner/job.js';
import { formatSeconds } from '../runner/progress/events.js';
import type { ResolvedSuite } from '../suite/resolved.js';
import { mostSeeds } from '../suite/seeds.js';
import { deviceOption } from './device-option.js';
import { encoderSourceLines } from './encoder-source-text.js';
import type { Asked } from './machine-check.js';
import type { Detectable } from './plan-detectable.js';
import type { PlanTimes } from './plan-times.js';
import { bytesText, countText, textTable } from './output.js';
import { storeIfThere, storeOption } from './store-option.js';
import { wholeNumber } from './whole-number.js';

const help = `
Prints the suite with every default filled in, the jobs that it comes to and what they cost. Runs nothing for good.
Images and FLOPs are estimates from the records, the model and the protocols; a dash is none (linear and knn work on
features, whose images are counted there). Disk is what the jobs leave in the store.
Jobs whose key is in the store are cached: a run takes them from there.
Of a checkpoint it says how many tensors of the file are taken, and which are passed over.

Times are those of the jobs that are left, on this machine: one job of each kind is run for a moment, in worker processes,
once for this machine, code and model. Other programs that run meanwhile make them longer. Where the tensor runtime is not
set up yet there are none: a plan downloads nothing. A suite whose device or precision this machine has not is planned all
the same, and the plan says that it cannot run here.

It says which differences in accuracy, mIoU and AP the suite can see with its seeds and test images, by one comparison and among
all pairs of entries: smaller ones it will call undecided. What that assumes is said beneath, and measured in docs/statistics.md.

Examples:
  maskbench plan suites/quick.yaml
  maskbench plan suites/quick.yaml --seeds 5      what three more seeds would add
  maskbench plan suites/quick.yaml --no-measure   at once, without times
  maskbench plan suites/quick.yaml --json | jq .totals

Exit codes:
  0  the suite is right
  2  the suite, its data or the command line is wrong`;

interface PlanFlags { readonly json?: true; readonly device?: DeviceChoice; readonly seeds?: number; readonly store?: string; readonly measure: boolean }

/** `maskbench plan SUITE`: what would run. */
export function planCommand(): Command {
  return new Command('plan')
    .description('print the resolved suite, its jobs and their cost; run nothing')
    .argument('<suite>', 'suite file (YAML)')
    .option('--seeds <n>', 'number of seeds instead of the suite\'s own', wholeNumber(mostSeeds))
    .option(...storeOption)
    .addOption(deviceOption("what tensors would run on instead of the suite's engine.device (else MASKBENCH_DEVICE)"))
    .option('--no-measure', 'measure nothing and leave times out')
    .option('--json', 'print JSON')
    .addHelpText('after', help)
    .action(async (file: string, flags: PlanFlags) => {
      const [{ planSuite }, { resolvedYaml }, { planTimes }, { storeFolder }, { deviceMeant }, { detectableIn, detectableText }] = await Promise.all([
        import('../catalog.js'), import('./resolved-yaml.js'), import('./plan-times.js'), import('../runner/store.js'), import('../engine/runtime/device.js'), import('./plan-detectable.js'),
      ]);
      const planned = await planSuite(file, { seeds: flags.seeds, device: flags.device });
      const { suite, plan } = planned;
      const asked: Asked = { file, text: planned.text, suite, device: flags.device };
      const cached = await cachedKeys(plan, flags.store);
      const problem = plan.jobs.every(({ key }) => cached.has(key)) ? null : await problemHere(asked);
      const times: PlanTimes = problem !== null ? { state: 'cannot-run', problem } : flags.measure
        ? await planTimes(plan, cached, { device: deviceMeant(suite.engine.device, flags.device), store: storeFolder(flags.store), tell: (line) => process.stderr.write(`${line}\n`) })
        : { state: 'none', why: 'nothing was measured; without --no-measure they are estimated' };
      const seeds = suite.seeds.length;
      const detectable = detectableIn(plan, seeds, suite.entries.filter((entry) => entry.oracle_of === undefined).length);
      process.stdout.write(flags.json === true ? `${JSON.stringify(planJson(planned, cached, times, detectable), null, 2)}\n` : planText(planned, cached, times, { yaml: resolvedYaml(suite), detectable: detectableText(detectable, seeds) }));
    });
}

/** What this machine lacks for the suite, as a run would say it. */
async function problemHere(asked: Asked): Promise<string | null> {
  const { checkMachine } = await import('./machine-check.js');
  try {
    await checkMachine(asked);
    return null;
  } catch (error) {
    if (error instanceof MaskbenchError) return error.describe();
    throw error;
  }
}

/** Keys that a store holds. */
async function cachedKeys(plan: Plan, option: string | undefined): Promise<ReadonlySet<string>> {
  const store = await storeIfThere(option);
  if (store === null) return new Set();
  const keys = [...new Set(plan.jobs.map(({ key }) => key))];
  const found = await Promise.all(keys.map((key) => store.has(key)));
  return new Set(keys.filter((_, index) => found[index]));
}

export interface KindTotal {
  /** Kind of the jobs; of transfers the protocol; of snapshots apart. */
  readonly kind: string;
  /** Different jobs: two nodes of one key run once. */
  readonly jobs: number;
  readonly cached: number;
  readonly images: number;
  readonly flops: number;
  readonly bytes: number;
  /** Of the jobs that are not cached; null where it was not estimated. */
  readonly seconds: number | null;
}

/** Jobs and costs by kind, in the order of the plan. Costs are those of all jobs, cached or not; times of those that are left. */
export function planTotals(plan: Plan, cached: ReadonlySet<string>, times: PlanTimes): readonly KindTotal[] {
  const different = [...new Map(plan.jobs.map((job) => [job.key, job])).values()];
  const kinds = [...new Set(different.map(kindOf))];
  return kinds.map((kind) => {
    const jobs = different.filter((job) => kindOf(job) === kind);
    const sum = (of: (job: PlannedJob) => number): number => jobs.reduce((total, job) => total + of(job), 0);
    return {
      kind,
      jobs: jobs.length,
      cached: jobs.filter(({ key }) => cached.has(key)).length,
      images: sum(({ cost }) => cost.images),
      flops: sum(({ cost }) => cost.flops),
      bytes: sum(({ cost }) => cost.bytes),
      seconds: times.state !== 'estimated' || jobs.some(({ key }) => !cached.has(key) && !times.jobs.has(key)) ? null : sum(({ key }) => times.jobs.get(key) ?? 0),
    };
  });
}

const kindOf = ({ kind, tags }: PlannedJob): string => `${kind === 'transfer' ? tags['protocol'] ?? kind : kind}${ofSnapshot(tags)}`;

const ofSnapshot = (tags: PlannedJob['tags']): string => (tags['snapshot'] === undefined ? '' : ' of snapshots');

function planJson({ suite, plan, encoderSources }: PlannedSuite, cached: ReadonlySet<string>, times: PlanTimes, detectable: readonly Detectable[]): unknown {
  const totals = planTotals(plan, cached, times);
  return {
    suite,
    encoderSources,
    totals: { kinds: totals, ...overall(totals) },
    times: times.state !== 'estimated' ? times : { state: times.state, wallSeconds: times.wallSeconds, untold: times.untold, workers: times.workers, busyCores: times.busy },
    detectable,
    jobs: plan.jobs.map((job) => ({ ...job, cached: cached.has(job.key) })),
  };
}

const overall = (totals: readonly KindTotal[]): Omit<KindTotal, 'kind'> => {
  const sum = (of: (total: KindTotal) => number): number => totals.reduce((all, total) => all + of(total), 0);
  return { jobs: sum((t) => t.jobs), cached: sum((t) => t.cached), images: sum((t) => t.images), flops: sum((t) => t.flops), bytes: sum((t) => t.bytes), seconds: totals.some(({ seconds }) => seconds === null) ? null : sum((t) => t.seconds ?? 0) };
};

/** Protocols on features see no image themselves, and decoding is not counted in operations. */
const counted = (amount: number): string => (amount === 0 ? '\u2013' : countText(amount));

function planText({ suite, plan, encoderSources }: PlannedSuite, cached: ReadonlySet<string>, times: PlanTimes, { yaml, detectable }: { readonly yaml: string; readonly detectable: string }): string {
  const totals = planTotals(plan, cached, times);
  const row = (name: string, total: Omit<KindTotal, 'kind'>): readonly string[] =>
    [name, String(total.jobs), String(total.cached), counted(total.images), counted(total.flops), bytesText(total.bytes), ...(times.state !== 'estimated' ? [] : [total.seconds === null ? 'not estimated' : formatSeconds(total.seconds)])];
  const table = textTable([['kind', 'jobs', 'cached', 'images', 'FLOPs', 'disk', ...(times.state === 'estimated' ? ['time'] : [])], ...totals.map((total) => row(total.kind, total)), row('all', overall(totals))]);
  const shared = plan.jobs.length - overall(totals).jobs;
  const sharing = shared === 0 ? '' : `${shared} more node${shared === 1 ? ' comes' : 's come'} to a job that is counted already and run once.\n`;
  const checkpoints = Object.entries(encoderSources).flatMap(([entry, source]) => encoderSourceLines(entry, source));
  return [
    `Resolved suite\n\n${indented(yaml)}`,
    ...(checkpoints.length === 0 ? [] : [`Checkpoints\n\n${indented(checkpoints.join('\n'))}\n`]),
    `Jobs (estimates)\n\n${indented(table)}\n${sharing === '' ? '' : indented(sharing)}${indented(timesText(times))}`,
    ...(detectable === '' ? [] : [`Smallest differences that can be seen\n\n${indented(detectable)}`]),
    `Graph\n\n${indented(graphText(suite, plan, cached))}\n`,
  ].join('\n');
}

export function timesText(times: PlanTimes): string {
  if (times.state === 'none') return `Times: ${times.why}.\n`;
  if (times.state === 'cannot-run') return `This machine cannot run it. ${times.problem}\n`;
  const { workers, reason, busy, wallSeconds, untold } = times;
  return [
    `About ${formatSeconds(wallSeconds)} with ${workers} worker${workers === 1 ? '' : 's'} (${reason}).`,
    ...(untold.length === 0 ? [] : [`Not in it, because it is not estimated: ${untold.join(', ')}.`]),
    ...(busy === null ? [] : [`Other programs kept ${busy.toFixed(1)} cores busy during the measurement: on a quiet machine it goes faster.`]),
    '',
  ].join('\n');
}

const indented = (text: string): string => text.split('\n').map((line) => (line === '' ? '' : `  ${line}`)).join('\n');

/**
 * The DAG, folded: nodes that differ only in entry, seed or task are one line with their number. Each node stands under
 * the deepest of its inputs (a transfer reads its data set too, which is said nowhere else in the tree than at the top).
 */
function graphText(suite: ResolvedSuite, plan: Plan, cached: ReadonlySet<string>): string {
  const byId = new Map(plan.jobs.map((job) => [job.id, job]));
  const parentOf = (job: PlannedJob): PlannedJob | undefined => {
    const roles = ['features', 'trained', 'clusters', 'start', 'encoder', 'data'];
    const role = roles.find((name) => Object.hasOwn(job.inputs, name)) ?? Object.keys(job.inputs)[0];
    return role === undefined ? undefined : byId.get(job.inputs[role]!);
  };
  const children = new Map<string, PlannedJob[]>();
  const roots: PlannedJob[] = [];
  for (const job of plan.jobs) {
    const parent = parentOf(job);
    if (parent === undefined) roots.push(job);
    else children.set(parent.id, [...(children.get(parent.id) ?? []), job]);
  }
  const label = (job: PlannedJob): string => {
    const { entry, protocol, data } = job.tags;
    return [`${job.kind}${ofSnapshot(job.tags)}`, { transfer: protocol, pretrain: entry, cluster: entry, prepare: data }[job.kind]].filter((part) => part !== undefined).join(' ');
  };
  const lines: string[] = [];
  const draw = (group: readonly PlannedJob[], stem: string, last: boolean, top: boolean): void => {
    const first = group[0]!;
    const done = group.filter(({ key }) => cached.has(key)).length;
    const count = group.length === 1 ? '' : ` x ${group.length}`;
    lines.push(`${top ? '' : `${stem}${last ? '└─ ' : '├─ '}`}${label(first)}${count}${done === 0 ? '' : done === group.length ? '  (cached)' : `  (${done} cached)`}`);
    const below = folded(group.flatMap((job) => children.get(job.id) ?? []), label);
    for (const [index, next] of below.entries()) draw(next, top ? '' : `${stem}${last ? '   ' : '│  '}`, index === below.length - 1, false);
  };
  for (const group of folded(roots, label)) draw(group, '', true, true);
  const choices = suite.entries.filter(({ oracle_of: owner }) => owner !== undefined).length;
  lines.push('', `${suite.entries.length - choices} entries, ${choices === 0 ? '' : `${choices} encoders of the oracle, `}${suite.tasks.length} tasks, ${suite.protocols.length} protocols, ${suite.seeds.length} seed${suite.seeds.length === 1 ? '' : 's'} (${suite.seeds.join(', ')})`);
  return lines.join('\n');
}

function folded(jobs: readonly PlannedJob[], label: (job: PlannedJob) => string): readonly (readonly PlannedJob[])[] {
  const groups = new Map<string, PlannedJob[]>();
  for (const job of jobs) groups.set(label(job), [...(groups.get(label(job)) ?? []), job]);
  return [...groups.values()];
}
