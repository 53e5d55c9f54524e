import { createReadStream } from 'node:fs';
import { stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Command } from 'commander';
import { repairStore, StoreError, UsageError } from '../errors.js';
import { replaceFile } from '../files.js';
import { didYouMean } from '../nearest.js';
import type { Plan, PlannedJob } from '../runner/job.js';
import type { Store } from '../runner/store.js';
import { largestSeed } from '../suite/seeds.js';
import { systemReason } from '../system-reason.js';
import { pathName } from './path-name.js';
import { storeIfThere, storeOption } from './store-option.js';
import { wholeNumber } from './whole-number.js';

const help = `
Writes the encoder of one entry as a safetensors file with timm's names (F32). It loads in PyTorch:
  model = timm.create_model(..., num_classes=0); model.load_state_dict(safetensors.torch.load_file('mae.safetensors'))
and in a suite: { name: mine, method: checkpoint, path: mae.safetensors }

Examples:
  maskbench export mae --suite suites/quick.yaml --out mae.safetensors
  maskbench export mae --suite suites/quick.yaml --seed 1 --out mae-s1.safetensors
  maskbench export moce --suite suites/quick.yaml --task emoji/mammals --out moce-mammals.safetensors
An entry whose method makes an encoder for each task needs --task.

Exit codes:
  0  the file is written; its path is on stdout
  2  no such entry, no encoder of it at this seed in the store (the message says at which there is), a file that cannot be
     written, or the command line is wrong`;

interface ExportFlags { readonly suite: string; readonly seed?: number; readonly task?: string; readonly store?: string; readonly out: string; readonly json?: true }

/** `maskbench export ENTRY`: a finished encoder as a file. */
export function exportCommand(): Command {
  return new Command('export')
    .description('write the encoder of an entry as a safetensors file with timm names')
    .argument('<entry>', 'entry of the suite')
    .requiredOption('--suite <file>', 'suite file (YAML) that the entry is in')
    .option('--seed <n>', 'seed of the pre-training, also one that only `run --seeds` has made (else the suite\'s first)', wholeNumber(largestSeed, 0))
    .option('--task <task>', 'task of the suite, for an entry that has an encoder for each')
    .option(...storeOption)
    .requiredOption('--out <file>', 'file to write', pathName)
    .option('--json', 'print JSON')
    .addHelpText('after', help)
    .action(async (entry: string, flags: ExportFlags) => {
      const written = await exportEncoder(entry, flags);
      process.stdout.write(flags.json === true ? `${JSON.stringify(written)}\n` : `${written.path}\n`);
    });
}

export interface Exported { readonly path: string; readonly job: string; readonly key: string; readonly bytes: number }

export async function exportEncoder(entry: string, { suite: file, seed, task, store: folder, out }: ExportFlags): Promise<Exported> {
  const [{ planSuite }, { storeFolder }, store] = await Promise.all([import('../catalog.js'), import('../runner/store.js'), storeIfThere(folder)]);
  // A key does not tell its seed, so the plan is made of every seed that may be meant.
  const { plan } = await planSuite(file, { alsoSeeds: [...(seed === undefined ? [] : [seed]), ...(store === null ? [] : await pretrainedSeeds(store))] });
  const own = encoderJobs(plan, { entry, task, file });
  const finished = store === null ? [] : await withEncoder(own, store);
  const job = seed === undefined ? own[0]! : own.find(({ tags }) => tags['seed'] === String(seed))!;
  if (store === null || !finished.includes(job)) {
    throw new UsageError(`the store has no encoder of entry ${entry}${task === undefined ? '' : ` for ${task}`} at seed ${job.tags['seed']}`, {
      where: storeFolder(folder),
      fix: finished.length === 0
        ? `Run it first: maskbench run ${file} --only entry=${entry}${folder === undefined ? '' : ` --store ${folder}`}${seed === undefined ? '' : `; a seed that the suite does not name comes with --seeds N`}`
        : `It has ${finished.length === 1 ? 'this seed' : 'these seeds'}: ${finished.map(({ tags }) => Number(tags['seed'])).sort((a, b) => a - b).join(', ')}. Name one with --seed, or run the suite with more --seeds.`,
      data: { key: job.key },
    });
  }
  // A damaged file must not get the blessing of an export.
  const problems = await store.problems(job.key, 'full');
  if (problems !== null) {
    throw new StoreError(`${job.id} is damaged in the store: ${problems.join('; ')}`, {
      where: store.folder(job.key), fix: repairStore,
    });
  }
  const encoder = join(store.folder(job.key), 'encoder.safetensors');
  const { size } = await stat(encoder);
  const path = resolve(out);
  await replaceFile(path, (target) => writeFile(target, createReadStream(encoder, { highWaterMark: 1 << 20 }))).catch((cause: unknown) => {
    throw new UsageError(`the encoder cannot be written: ${systemReason(cause)}`, { where: path, fix: 'Name a file in a folder that can be written: --out FILE.', cause });
  });
  return { path, job: job.id, key: job.key, bytes: size };
}

const pretrainedSeeds = async (store: Store): Promise<readonly number[]> =>
  (await store.list()).flatMap(({ kind, seed }) => (kind === 'pretrain' && seed !== null ? [seed] : []));

async function withEncoder(jobs: readonly PlannedJob[], store: Store): Promise<readonly PlannedJob[]> {
  const there = await Promise.all(jobs.map(({ key }) => store.has(key)));
  return jobs.filter((_, index) => there[index]);
}

interface Asked { readonly entry: string; readonly task: string | undefined; readonly file: string }

/**
 * The jobs in a plan that make the entry's encoder, or that for a task, one a seed, the suite's own seeds first. UsageError for an
 * entry or a task that is not in it, and where a task is missing or says nothing.
 */
function encoderJobs(plan: Plan, { entry, task, file }: Asked): readonly PlannedJob[] {
  const own = plan.jobs.filter(({ tags }) => tags['entry'] === entry);
  if (own.length === 0) {
    const names = [...new Set(plan.jobs.flatMap(({ tags }) => tags['entry'] ?? []))];
    throw new UsageError(`the suite has no entry ${entry}${didYouMean(entry, names)}`, { where: file, fix: `Its entries: ${names.join(', ')}.` });
  }
  const searches = own.filter(({ kind, tags }) => kind === 'search' && tags['snapshot'] === undefined);
  if (searches.length === 0) {
    if (task !== undefined) throw new UsageError(`the entry ${entry} has one encoder for all tasks`, { where: file, fix: 'Leave --task out.' });
    return own.filter(({ kind }) => kind === 'pretrain');
  }
  const tasks = [...new Set(searches.map(({ tags }) => tags['task']!))];
  if (task === undefined) throw new UsageError(`the entry ${entry} has an encoder for each task`, { where: file, fix: `Name one with --task: ${tasks.join(', ')}.` });
  const found = searches.filter(({ tags }) => tags['task'] === task);
  if (found.length === 0) throw new UsageError(`the suite has no task ${task}${didYouMean(task, tasks)}`, { where: file, fix: `Its tasks: ${tasks.join(', ')}.` });
  return found;
}
