import { join } from 'node:path';
import { Command } from 'commander';
import type { DeviceChoice } from '../engine/runtime/index.js';
import { UsageError } from '../errors.js';
import type { RunRecord } from '../results/types.js';
import { mostSeeds } from '../suite/seeds.js';
import { deviceOption } from './device-option.js';
import { pathName } from './path-name.js';
import { existingStore, storeOption } from './store-option.js';
import { wholeNumber } from './whole-number.js';

const help = `
Examples:
  $ maskbench report suites/quick.yaml
  $ maskbench report suites/quick.yaml --store /data/store --out /tmp/quick
  $ maskbench report --from reports/quick/results.json --out /tmp/quick
  $ maskbench report suites/quick.yaml --profile
  $ maskbench report suites/quick.yaml --against reports/before

Exit codes:
  0  the report is written and every cell of the suite is in it
  1  the report is written, and some jobs have failed or not run
  2  bad suite, bad results.json or bad flag
`;

interface ReportFlags { readonly device?: DeviceChoice; readonly store?: string; readonly out?: string; readonly from?: string; readonly against?: string; readonly seeds?: number; readonly json?: boolean; readonly profile?: true }

/** Everything is loaded when it is needed: `--help` stays light. */
async function fromStore(file: string, { store, seeds, device }: ReportFlags): Promise<RunRecord> {
  const [{ planSuite }, { storedRecord }] = await Promise.all([import('../catalog.js'), import('./stored-record.js')]);
  const found = await existingStore(store);
  return storedRecord(await planSuite(file, { seeds, device }), found);
}

/** `maskbench report`: makes the report again, from the store or from a results.json. No job runs, no tensor is touched. */
export function reportCommand(): Command {
  return new Command('report')
    .description('make the report of a suite again from what is in the store, or from a results.json')
    .argument('[suite]', 'suite file')
    .option(...storeOption)
    .option('--out <dir>', 'folder of the report (default: reports/<suite>)', pathName)
    .option('--from <file>', 'read this results.json; needs no suite and no store')
    .option('--against <run>', 'add what is not the same as in this run: the folder of its report, or its results.json')
    .option('--seeds <n>', 'as many seeds as `run --seeds` was given', wholeNumber(mostSeeds))
    .addOption(deviceOption('the device that `run` was told: speeds of another one are not shown (else MASKBENCH_DEVICE, else the suite\'s)'))
    .option('--profile', 'add where the time of the finished jobs went')
    .option('--json', 'print what was written as JSON')
    .addHelpText('after', help)
    .action(async (suite: string | undefined, flags: ReportFlags) => {
      if ((suite === undefined) === (flags.from === undefined)) {
        throw new UsageError('Give a suite file, or --from and a results.json', { fix: 'For example: maskbench report suites/quick.yaml' });
      }
      const idle = flags.from === undefined ? [] : (['store', 'seeds', 'device'] as const).filter((name) => flags[name] !== undefined);
      if (idle.length > 0) throw new UsageError(`--from reads one file, and ${idle.map((name) => `--${name}`).join(', ')} would change nothing`, { fix: 'Leave that out, or give the suite file instead of --from.' });
      const { readRunRecord } = await import('./run-record.js');
      const record = suite === undefined ? await readRunRecord(flags.from!) : await fromStore(suite, flags);
      const [{ writeReports }, { profileOf }, { failedIds }, { storeFolder }] = await Promise.all([import('../report/index.js'), import('../results/profile.js'), import('./failed-jobs.js'), import('../runner/store.js')]);
      const name = (record.suite as { readonly name: string }).name;
      const other = flags.against === undefined ? null : { name: flags.against, record: await readRunRecord(flags.against) };
      const files = await writeReports(flags.profile === true ? { ...record, profile: profileOf(record) } : record, flags.out ?? join('reports', name), { other, store: suite === undefined ? null : storeFolder(flags.store) });
      const state = { complete: record.complete, results: record.results.length, failures: failedIds(record).length, pending: record.pending.length };
      process.stdout.write(flags.json === true ? `${JSON.stringify({ suite: name, ...state, files })}\n` : `${files.join('\n')}\n`);
      if (!record.complete) {
        process.stderr.write(`The report is not complete: ${state.failures} failed and ${state.pending} not run of ${record.jobs.length} jobs.\n`);
        process.exitCode = 1;
      }
    });
}
