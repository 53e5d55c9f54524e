import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { Command } from 'commander';
import { decideLoaders, mostLoaders } from '../data/loader/count.js';
import type { DeviceChoice, RuntimeOptions } from '../engine/runtime/index.js';
import { UsageError } from '../errors.js';
import type { Plan } from '../runner/job.js';
import type { Progress } from '../runner/progress/events.js';
import type { RunOutcome, SetUp } from '../runner/run.js';
import type { Store } from '../runner/store.js';
import type { WorkerSetup } from '../runner/workers/messages.js';
import type { Failure } from '../results/types.js';
import { mostSeeds } from '../suite/seeds.js';
import { deviceOption } from './device-option.js';
import type { Asked } from './machine-check.js';
import { encoderSourceLine } from './encoder-source-text.js';
import { pathName } from './path-name.js';
import { projectVersion } from './project-version.js';
import { storeOption } from './store-option.js';
import { wholeNumber } from './whole-number.js';

const help = `
Runs what is not in the store yet, then writes the report. Killed at any moment (also kill -9), the same command goes on
where it stopped and comes to the same numbers. Ctrl-C stops at once; what the last checkpoints hold is kept.
Several runs may use one store at the same time: no job is run twice.

--only keeps the final jobs that carry the named tags (entry, task, protocol, seed, ...), and what they need.

Examples:
  maskbench run suites/quick.yaml
  maskbench run suites/quick.yaml --seeds 5
  maskbench run suites/quick.yaml --device cuda    on the NVIDIA GPU, or not at all
  maskbench run suites/desk.yaml --only "entry=mae|scratch,task=emoji/mammals"
  maskbench run suites/quick.yaml --profile        the report also says where the time went
  maskbench run suites/desk.yaml --json 2>events.jsonl >outcome.json

Output:
  stdout  the summary; with --json one JSON object
  stderr  progress: a live view on a terminal, else one line per event; with --json one JSON object per line

Exit codes:
  0    everything finished
  1    a job failed, also for want of disk space (the report is still written)
  2    the suite, the data, the store, the set-up or the command line is wrong
  130  interrupted`;

interface RunFlags {
  readonly store?: string;
  readonly out?: string;
  readonly workers?: number;
  readonly loaders?: number;
  readonly seeds?: number;
  readonly only?: string;
  readonly device?: DeviceChoice;
  readonly profile?: true;
  readonly json?: true;
}

/** `maskbench run SUITE`. */
export function runCommand(): Command {
  return new Command('run')
    .description('run a suite and write its report; again: go on where it stopped')
    .argument('<suite>', 'suite file (YAML)')
    .option(...storeOption)
    .option('--out <dir>', 'folder of the report (else reports/<name of the suite>)', pathName)
    .option('--workers <n>', 'worker processes at once (else measured once per machine); changes no result', wholeNumber(1024))
    .option('--loaders <n>', 'threads of each worker that make batches ahead (else the cores that workers leave free); changes no result', wholeNumber(mostLoaders, 0))
    .option('--seeds <n>', 'number of seeds instead of the suite\'s own; finished ones are used again', wholeNumber(mostSeeds))
    .option('--only <tags>', 'part of the suite: entry=a|b,task=c,protocol=d,seed=0')
    .addOption(deviceOption("what tensors run on instead of the suite's engine.device; changes no key but those of speed jobs"))
    .option('--profile', 'add to the report where the time of the jobs went')
    .option('--json', 'JSON: outcome on stdout, events on stderr')
    .addHelpText('after', help)
    .action(run);
}

async function run(file: string, flags: RunFlags): Promise<void> {
  const [{ planSuite }, { runPlan, exitCodeOf }, { openStore, storeFolder }, { progressFor }, { parseOnly, selectOnly }] = await Promise.all([
    import('../catalog.js'), import('../runner/run.js'), import('../runner/store.js'), import('../runner/progress/index.js'), import('../runner/only.js'),
  ]);
  const only = flags.only === undefined ? null : parseOnly(flags.only);
  const planned = await planSuite(file, { seeds: flags.seeds, device: flags.device });
  const { suite, plan, encoderSources } = planned;
  const selected = only === null ? plan : selectOnly(plan, only);
  if (selected.jobs.length === 0) throw new UsageError('The suite has no jobs', { where: file, fix: 'Name entries, tasks and protocols in it.' });
  const store = await openStore(storeFolder(flags.store));
  const out = resolve(flags.out ?? join('reports', suite.name));
  const { makeReportFolder, writeReports } = await import('../report/index.js');
  // A folder that cannot be written is said before hours of work, not after them.
  await makeReportFolder(out);
  const version = await projectVersion();
  const modules = {
    jobs: new URL('../jobs/index.js', import.meta.url).href,
    validator: new URL('../results/schema.js', import.meta.url).href,
  };
  const progress = progressFor(process.stderr, flags.json === true);
  const stop = new AbortController();
  const unlisten = stopOnSignal(stop, progress);
  const asked: Asked = { file, text: planned.text, suite, device: flags.device };
  const { tensorPlace } = await import('./tensor-place.js');
  let outcome: RunOutcome;
  for (const [entry, source] of Object.entries(encoderSources)) {
    if (selected.jobs.some(({ tags }) => tags['entry'] === entry)) progress.on({ event: 'note', text: `${entry}: ${encoderSourceLine(source)}` });
  }
  try {
    outcome = await runPlan({
      plan: selected, store, ...modules, version, tensors: await tensorPlace(asked), progress, signal: stop.signal,
      setUp: () => setUp({ flags, asked, plan: selected, store, progress, signal: stop.signal, ...modules, version }),
    });
  } finally {
    progress.close();
    unlisten();
  }

  const finished = outcome.counts.done + outcome.counts.cached;
  if (outcome.interrupted) {
    const text = `Stopped with ${finished} of ${selected.jobs.length} jobs finished. Run the same command again to go on; \`maskbench report ${file}\` shows what there is.`;
    if (flags.json === true) {
      progress.on({ event: 'note', text });
      process.stdout.write(`${JSON.stringify(outcomeJson(outcome, store, null, []))}\n`);
    } else {
      process.stderr.write(`${text}\n`);
    }
    // Whatever the set-up has started (a download) must not keep a stopped command alive.
    process.stdout.write('', () => process.exit(exitCodeOf(outcome)));
    return;
  }

  const [{ storedRecord }, { profileOf }] = await Promise.all([import('./stored-record.js'), import('../results/profile.js')]);
  // Of the whole suite, also with --only: the report shows all that is finished.
  const stored = await storedRecord(planned, store);
  const record = flags.profile === true ? { ...stored, profile: profileOf(stored) } : stored;
  const reports = await writeReports(record, out, { store: store.layout.root });
  const { failedText, failuresAmong, here } = await import('./failed-jobs.js');
  const failures = failuresAmong(record, selected.jobs.map(({ id }) => id).filter((id) => outcome.states.get(id)?.state === 'failed'));
  if (flags.json === true) {
    process.stdout.write(`${JSON.stringify(outcomeJson(outcome, store, reports, failures))}\n`);
  } else {
    const { summaryText } = await import('./run-summary.js');
    process.stdout.write(`${await endText({ summary: summaryText(record), outcome, failed: failedText(record, failures), report: here(pageOf(reports)), only: only !== null })}\n`);
  }
  process.exitCode = exitCodeOf(outcome);
}

/** First Ctrl-C (or SIGTERM): stop. Second: at once. */
function stopOnSignal(stop: AbortController, progress: Progress): () => void {
  const onSignal = (): void => {
    if (stop.signal.aborted) process.exit(130);
    progress.on({ event: 'note', text: 'Stopping: running jobs end here and go on from their checkpoints next time.' });
    stop.abort();
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return () => {
    process.off('SIGINT', onSignal);
    process.off('SIGTERM', onSignal);
  };
}

interface SetUpArguments {
  readonly flags: RunFlags;
  readonly asked: Asked;
  readonly plan: Plan;
  readonly store: Store;
  readonly progress: Progress;
  readonly signal: AbortSignal;
  readonly jobs: string;
  readonly validator: string;
  readonly version: string;
}

/** What the suite needs of this machine, the tensor runtime, then the number of workers, which is measured with it. */
async function setUp({ flags, asked, plan, store, progress, signal, jobs, validator, version }: SetUpArguments): Promise<SetUp> {
  const [{ checkMachine }, { tensorPlace }, { usableRuntime }, { DEVICE_VARIABLE, deviceMeant, phaseTitle }, { machineFingerprint }, { countWorkers, largestMemory }, { cacheFolder }, { runtimeText }] = await Promise.all([
    import('./machine-check.js'), import('./tensor-place.js'), import('../engine/describe.js'), import('../engine/runtime/index.js'), import('../runner/machine.js'), import('../runner/workers-count.js'), import('../cache-folder.js'),
    import('./runtime-text.js'),
  ]);
  await checkMachine(asked);
  const onProgress: RuntimeOptions['onProgress'] = ({ phase, done, total }) => progress.on({ event: 'set-up', title: phaseTitle[phase], done, total });
  const { runtime, fellBack } = await usableRuntime({ device: deviceMeant(asked.suite.engine.device, asked.device), onProgress });
  if (fellBack !== null) {
    progress.on({ event: 'note', text: fellBack });
    await checkMachine({ ...asked, device: 'cpu' });
  }
  process.env[DEVICE_VARIABLE] = runtime.device; // for the workers: they do not choose again
  const machine = machineFingerprint(runtimeText(runtime));
  const tensors = await tensorPlace({ suite: asked.suite, device: runtime.device });
  const threads = Math.max(...plan.jobs.map((job) => job.threads));
  const decided = (workers: number): SetUp => {
    decideLoaders(flags.loaders, { cores: availableParallelism(), workers, threads });
    return { workers, machine, tensors };
  };
  if (flags.workers !== undefined) return decided(flags.workers);
  const setup: Omit<WorkerSetup, 'parent'> = { store: store.layout.root, jobs, validator, version, machine };
  progress.on({ event: 'set-up', title: 'how many workers are best here', done: 0, total: 0 });
  const { workers, reason } = await countWorkers({ setup, threads, bytes: largestMemory(plan.jobs), cache: cacheFolder(), signal });
  progress.on({ event: 'note', text: `${workers} worker${workers === 1 ? '' : 's'} (${reason}; --workers N sets it)` });
  return decided(workers);
}

const outcomeJson = (outcome: RunOutcome, store: Store, reports: readonly string[] | null, failures: readonly Failure[]): unknown => ({
  counts: outcome.counts, seconds: outcome.seconds, interrupted: outcome.interrupted, store: store.layout.root, reports,
  failures, foreign: outcome.foreign,
  jobs: Object.fromEntries([...outcome.states].map(([id, state]) => [id, state.state])),
});

/** The file of a report that a person opens. */
const pageOf = (reports: readonly string[]): string => reports.find((path) => path.endsWith('.html')) ?? reports[0] ?? '';

interface End { readonly summary: string; readonly outcome: RunOutcome; readonly failed: readonly string[]; readonly report: string; readonly only: boolean }

async function endText({ summary, outcome, failed, report, only }: End): Promise<string> {
  const { countsText } = await import('../runner/progress/lines.js');
  const { formatSeconds } = await import('../runner/progress/events.js');
  return [
    summary,
    '',
    `Jobs: ${countsText(outcome.counts)}, in ${formatSeconds(outcome.seconds)}.${only ? ' The report holds all that is finished of the suite.' : ''}`,
    ...(outcome.foreign.length > 0 ? [`${outcome.foreign.length} of the cached results were made on another kind of machine, device or runtime; the report lists them all.`] : []),
    ...(failed.length > 0 ? ['Failed:', ...failed, 'The next run tries them again.'] : []),
    `Report: ${report}`,
  ].join('\n');
}
