import { createReadStream, existsSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { Command } from 'commander';
import type { DeviceChoice } from '../engine/runtime/index.js';
import { StoreError, UsageError } from '../errors.js';
import { didYouMean } from '../nearest.js';
import type { Store } from '../runner/store.js';
import { mostSeeds } from '../suite/seeds.js';
import { systemReason } from '../system-reason.js';
import { deviceOption } from './device-option.js';
import { bytesText, printResult, textTable } from './output.js';
import { existingStore, storeOption } from './store-option.js';
import { wholeNumber } from './whole-number.js';

const exitCodes = `
Exit codes:
  0  printed, or done
  2  there is no store, it cannot be used, or the command line is wrong`;

const verifyExitCodes = `
Exit codes:
  0  every object is whole, or was set aside by --repair
  1  a broken object was found
  2  there is no store, it cannot be used, or the command line is wrong`;

const jobs = (n: number): string => `${n} job${n === 1 ? '' : 's'}`;

interface CommonFlags { readonly store?: string; readonly json?: true }

/** `maskbench store ls|verify|gc|log`. */
export function storeCommand(): Command {
  const store = new Command('store')
    .description('look at the folder of finished jobs, check it, make room in it')
    .addHelpText('after', `
Examples:
  maskbench store ls
  maskbench store verify --repair
  maskbench store gc suites/quick.yaml --delete
  maskbench store log pretrain/mae/s0
${verifyExitCodes}`);
  store.addCommand(lsCommand());
  store.addCommand(verifyCommand());
  store.addCommand(gcCommand());
  store.addCommand(logCommand());
  return store;
}

/** What changes the store; StoreError where the system does not let it. */
const changing = <T>(store: Store, work: () => Promise<T>): Promise<T> => work().catch(async (error: unknown) => {
  const { storeErrorOf } = await import('../runner/store/disk.js');
  throw await storeErrorOf(error, store.layout.root, 'The store cannot be changed');
});

function lsCommand(): Command {
  return new Command('ls')
    .description('list finished jobs')
    .option(...storeOption)
    .option('--json', 'print JSON')
    .addHelpText('after', `
A job is listed under the id that it first ran under; other suites may know it by another name.

Example:
  maskbench store ls --store .maskbench/store
${exitCodes}`)
    .action(async (flags: CommonFlags) => {
      const objects = [...await (await existingStore(flags.store)).list()].sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : a.key < b.key ? -1 : 1));
      printResult(flags.json, objects, () => {
        const rows = objects.map((o) => [o.id, o.key.slice(0, 12), bytesText(o.bytes), `${o.wallSeconds.toFixed(1)} s`, o.finishedAt.slice(0, 19).replace('T', ' ')]);
        const bytes = objects.reduce((sum, { bytes: own }) => sum + own, 0);
        return `${textTable([['job', 'key', 'size', 'time', 'finished (UTC)'], ...rows])}\n${jobs(objects.length)}, ${bytesText(bytes)}`;
      });
    });
}

/** What is wrong with a finished job whose files cannot be compared: they may not be read, or are no files. Other errors as they are. */
async function unreadable(error: unknown): Promise<readonly string[]> {
  const { isForbidden } = await import('../runner/store/disk.js');
  if (isForbidden(error)) return ['it may not be read'];
  if (error instanceof StoreError) return [error.message];
  if (error instanceof Error && 'syscall' in error) return [`${'path' in error ? String(error.path) : 'a file'} cannot be read: ${systemReason(error)}`];
  throw error;
}

function verifyCommand(): Command {
  return new Command('verify')
    .description('compare every file of every finished job with its SHA-256')
    .option(...storeOption)
    .option('--repair', 'set broken objects aside, so that the next run makes them again')
    .option('--json', 'print JSON')
    .addHelpText('after', `
Example:
  maskbench store verify --repair
${verifyExitCodes}`)
    .action(async (flags: CommonFlags & { readonly repair?: true }) => {
      const [{ setAside }, { objectKeys }] = await Promise.all([import('../runner/store/object.js'), import('../runner/store/gc.js')]);
      const store = await existingStore(flags.store);
      const broken: { readonly key: string; readonly problems: readonly string[]; movedTo: string | null }[] = [];
      const tell = (...lines: readonly string[]): void => { if (flags.json !== true) process.stdout.write(lines.map((line) => `${line}\n`).join('')); };
      let checked = 0;
      try {
        for (const key of await objectKeys(store.layout)) {
          const problems = await store.problems(key, 'full').catch(unreadable);
          checked++;
          if (problems === null) continue;
          const found = { key, problems, movedTo: null as string | null };
          broken.push(found);
          tell(`broken ${key.slice(0, 12)}  ${store.folder(key)}`, ...problems.map((problem) => `  ${problem}`));
          if (flags.repair === true) found.movedTo = await changing(store, () => setAside(store.layout, key));
          if (found.movedTo !== null) tell(`  moved to ${found.movedTo}`);
        }
      } finally {
        // Also where an error ends it: what has been moved is told.
        printResult(flags.json, { checked, broken }, () =>
          `${jobs(checked)} checked, ${broken.length} broken${broken.length > 0 && flags.repair !== true ? '; --repair sets them aside, and the next run makes them again' : ''}`);
      }
      // A repaired store is well again.
      process.exitCode = broken.length > 0 && flags.repair !== true ? 1 : 0;
    });
}

function gcCommand(): Command {
  return new Command('gc')
    .description('list what can go, and remove it with --delete')
    .argument('[suites...]', 'suite files whose jobs stay; without one all finished jobs stay, and only left-overs go')
    .option(...storeOption)
    .option('--seeds <n>', 'number of seeds of the suites, where `run --seeds` added some', wholeNumber(mostSeeds))
    .addOption(deviceOption('device whose speeds stay (else MASKBENCH_DEVICE, else the suite\'s)'))
    .option('--delete', 'really remove it')
    .option('--json', 'print JSON')
    .addHelpText('after', `
Left-overs are folders of jobs that are finished or untouched for 14 days, and objects that were set aside as broken.
With suites, every finished job, checkpoint, failure and log that they do not need can go as well.
What a running command needs always stays.

Examples:
  maskbench store gc
  maskbench store gc suites/quick.yaml suites/desk.yaml --delete

Exit codes:
  0  listed, or removed
  2  there is no store, it cannot be used, or a suite, its data or the command line is wrong`)
    .action(async (suites: readonly string[], flags: CommonFlags & { readonly delete?: true; readonly device?: DeviceChoice; readonly seeds?: number }) => {
      const { applyGc, defaultWorkAgeMs, planGc } = await import('../runner/store/gc.js');
      const store = await existingStore(flags.store);
      const items = await planGc(store.layout, { keep: suites.length === 0 ? null : await keysOf(suites, flags), workAgeMs: defaultWorkAgeMs });
      const stayed = flags.delete === true ? await changing(store, () => applyGc(store.layout, items)) : [];
      const gone = items.filter((item) => !stayed.includes(item));
      const bytes = gone.reduce((sum, item) => sum + item.bytes, 0);
      printResult(flags.json, { deleted: flags.delete === true, bytes, items: gone, stayed }, () => [
        ...gone.map(({ what, path, bytes: own, why }) => `${what.padEnd(8)} ${bytesText(own).padStart(10)}  ${path}  (${why})`),
        ...stayed.map(({ what, path }) => `${what.padEnd(8)} stays, it is in use: ${path}`),
        flags.delete === true ? `${gone.length} removed, ${bytesText(bytes)}` : `${gone.length} can go, ${bytesText(bytes)}${gone.length > 0 ? '; --delete removes them' : ''}`,
      ].join('\n'));
    });
}

async function keysOf(suites: readonly string[], { seeds, device }: { readonly seeds?: number; readonly device?: DeviceChoice }): Promise<ReadonlySet<string>> {
  const { planSuite } = await import('../catalog.js');
  const keys = new Set<string>();
  for (const file of suites) for (const { key } of (await planSuite(file, { seeds, device })).plan.jobs) keys.add(key);
  return keys;
}

function logCommand(): Command {
  return new Command('log')
    .description('print the log of a job, all attempts')
    .argument('<job>', 'id of a job that ran (pretrain/mae/s0) or the beginning of a key (4 digits or more)')
    .option(...storeOption)
    .option('--json', 'print the path, not the text, as JSON')
    .addHelpText('after', `
Example:
  maskbench store log transfer/mae/emoji/mammals/knn/s0
  maskbench store log 3fa2
${exitCodes}`)
    .action(async (job: string, flags: CommonFlags) => {
      const store = await existingStore(flags.store);
      const found = await logsOf(store, job);
      if (flags.json === true) {
        process.stdout.write(`${JSON.stringify(found, null, 2)}\n`);
        return;
      }
      for (const { key, log } of found) {
        if (found.length > 1) process.stdout.write(`== ${key.slice(0, 12)}  ${log}\n`);
        await pipeline(createReadStream(log), process.stdout, { end: false });
      }
    });
}

/** So many digits of a key name a job. */
const leastDigits = 4;

/** Logs of the jobs with this id (several keys: the job's config or code has changed between runs), or with this key. */
async function logsOf(store: Store, job: string): Promise<readonly { readonly key: string; readonly log: string }[]> {
  const named = await store.loggedJobs();
  const digits = /^[0-9a-f]{1,64}$/.test(job);
  const keys = digits && job.length >= leastDigits ? await store.keysLike(job) : [];
  const wanted = keys.length > 0 ? keys : named.filter(({ id }) => id === job).map(({ key }) => key);
  const found = wanted.map((key) => ({ key, log: store.logFile(key) })).filter(({ log }) => existsSync(log));
  if (found.length > 0) return found;
  const ids = [...new Set(named.map(({ id }) => id))];
  throw new UsageError(`No job with a log is called ${job}${didYouMean(job, ids)}`, {
    where: store.layout.root,
    fix: ids.length === 0 ? 'The store has no logs yet.' : digits && job.length < leastDigits ? `The beginning of a key has ${leastDigits} digits or more.` : '`maskbench store ls` lists finished jobs.',
  });
}
