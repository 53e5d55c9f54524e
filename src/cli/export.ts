import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { StoreError, UsageError } from '../errors.js';
import { writeFileAtomic } from '../files.js';
import { didYouMean } from '../nearest.js';
import type { Plan, PlannedJob } from '../runner/job.js';

const help = `
Writes the encoder of one entry as a safetensors file with timm's names (F32). It loads in PyTorch:
  model = timm.create_model(...); model.load_state_dict(safetensors.torch.load_file('mae.safetensors'), strict=False)
and in a suite: { name: mine, method: checkpoint, path: mae.safetensors }

Examples:
  maskbench export mae --suite suites/quick.yaml --out mae.safetensors
  maskbench export mae --suite suites/quick.yaml --seed 1 --out mae-s1.safetensors

Exit codes:
  0  the file is written; its path is on stdout
  2  no such entry or seed, its pre-training has not finished, or the command line is wrong`;

interface ExportFlags { readonly suite: string; readonly seed: number; readonly store?: string; readonly out: string; readonly json?: true }

/** `maskbench export ENTRY`: a finished encoder as a file. */
export function exportCommand(): Command {
  return new Command('export')
    .description('write the encoder of an entry as a safetensors file with timm names')
    .argument('<entry>', 'entry of the suite')
    .requiredOption('--suite <file>', 'suite file (YAML) that the entry is in')
    .option('--seed <n>', 'seed of the pre-training', seedNumber, 0)
    .option('--store <dir>', 'store with the finished jobs (else MASKBENCH_STORE, else .maskbench/store)')
    .requiredOption('--out <file>', 'file to write')
    .option('--json', 'print JSON')
    .addHelpText('after', help)
    .action(async (entry: string, flags: ExportFlags) => {
      const written = await exportEncoder(entry, flags);
      process.stdout.write(flags.json === true ? `${JSON.stringify(written)}\n` : `${written.path}\n`);
    });
}

function seedNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('Give a whole number from 0.');
  return Number(text);
}

export interface Exported { readonly path: string; readonly job: string; readonly key: string; readonly bytes: number }

async function exportEncoder(entry: string, { suite: file, seed, store: folder, out }: ExportFlags): Promise<Exported> {
  const [{ planSuite }, { openStore, storeFolder }] = await Promise.all([import('../catalog.js'), import('../runner/store.js')]);
  const { plan } = await planSuite(file);
  const job = pretrainJob(plan, entry, seed, file);
  const root = storeFolder(folder);
  // Looking for something leaves no trace: a store that does not exist is not made.
  const store = existsSync(root) ? await openStore(root) : null;
  if (store === null || !(await store.has(job.key))) {
    throw new UsageError(`${job.id} has not finished: the store has no encoder of it`, {
      where: root, fix: `Run it first: maskbench run ${file} --only entry=${entry}`, data: { key: job.key },
    });
  }
  // A damaged file must not get the blessing of an export.
  const problems = await store.problems(job.key, 'full');
  if (problems !== null) {
    throw new StoreError(`${job.id} is damaged in the store: ${problems.join('; ')}`, {
      where: store.folder(job.key), fix: '`maskbench store verify --repair` sets it aside, and the next run makes it again.',
    });
  }
  const bytes = await readFile(join(store.folder(job.key), 'encoder.safetensors'));
  const path = resolve(out);
  await writeFileAtomic(path, bytes);
  return { path, job: job.id, key: job.key, bytes: bytes.length };
}

/** The entry's pre-training in a plan. UsageError with what there is for an entry or a seed that is not in it. */
export function pretrainJob(plan: Plan, entry: string, seed: number, file: string): PlannedJob {
  const all = plan.jobs.filter(({ kind }) => kind === 'pretrain');
  const own = all.filter(({ tags }) => tags['entry'] === entry);
  if (own.length === 0) {
    const names = [...new Set(all.map(({ tags }) => tags['entry'] ?? ''))];
    throw new UsageError(`the suite has no entry ${entry}${didYouMean(entry, names)}`, { where: file, fix: names.length === 0 ? 'It has no entries.' : `It has: ${names.join(', ')}.` });
  }
  const job = own.find(({ tags }) => tags['seed'] === String(seed));
  if (job === undefined) {
    throw new UsageError(`entry ${entry} has no seed ${seed}`, { where: file, fix: `Its seeds: ${own.map(({ tags }) => tags['seed']).join(', ')}.` });
  }
  return job;
}
