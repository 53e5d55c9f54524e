import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { Command } from 'commander';
import { UsageError } from '../errors.js';
import { pathName } from './path-name.js';

const exitCodes = `
Exit codes:
  0  written
  2  the run is not finished or cannot be read, the file is there already, or the command line is wrong`;

/** `maskbench baseline`. */
export function baselineCommand(): Command {
  const baseline = new Command('baseline').description('keep the numbers of a finished run, to compare later runs with').addHelpText('after', `
Examples:
  maskbench baseline record quick
${exitCodes}`);
  baseline.addCommand(recordCommand());
  return baseline;
}

interface RecordFlags { readonly out?: string; readonly replace?: true; readonly json?: true }

function recordCommand(): Command {
  return new Command('record')
    .description('write baselines/recorded/NAME.json from a finished run')
    .argument('<name>', 'name of the baseline: letters, digits, - _ .')
    .argument('[run]', 'folder of the run\'s report, or its results.json (else reports/NAME)')
    .option('--out <file>', 'write this file instead', pathName)
    .option('--replace', 'over the one that is there')
    .option('--json', 'print what was written as JSON')
    .addHelpText('after', `
Examples:
  maskbench baseline record quick
  maskbench baseline record quick-h100 reports/quick --out baselines/recorded/quick-h100.json --replace
${exitCodes}`)
    .action(async (name: string, run: string | undefined, { out, replace, json }: RecordFlags) => {
      if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(name)) throw new UsageError(`"${name}" is no name of a baseline`, { fix: 'Letters, digits, - _ and ., 64 at most, a letter or digit first.' });
      const file = out ?? join('baselines', 'recorded', `${name}.json`);
      const there = await access(file).then(() => true, () => false);
      if (there && replace !== true) throw new UsageError('there is a baseline already', { where: file, fix: 'Give --replace to write over it, or another name.' });
      const [{ readRunRecord }, { baselineOf, baselineText }, { writeFileAtomic }, { systemReason }, { failedIds }] = await Promise.all([
        import('./run-record.js'), import('../results/baseline/index.js'), import('../files.js'), import('../system-reason.js'), import('./failed-jobs.js'),
      ]);
      const place = run ?? join('reports', name);
      const record = await readRunRecord(place);
      if (!record.complete) throw new UsageError(`the run is not finished: ${failedIds(record).length} failed and ${record.pending.length} not run of ${record.jobs.length} jobs`, { where: place, fix: 'Finish it with `maskbench run SUITE` first.' });
      const baseline = baselineOf(record, name);
      if (baseline.cells.length + baseline.speeds.length === 0) throw new UsageError('the run has no cells and no speeds', { where: place, fix: 'Record a run of a suite with tasks, or with speed.' });
      try {
        await writeFileAtomic(file, baselineText(baseline));
      } catch (cause) {
        throw new UsageError(`cannot be written: ${systemReason(cause)}`, { where: file, fix: 'Name a file that can be written (--out FILE).', cause });
      }
      const counts = { cells: baseline.cells.length, speeds: baseline.speeds.length };
      process.stdout.write(json === true ? `${JSON.stringify({ file, suite: baseline.suite, ...counts })}\n` : `${file}: ${counts.cells} cells, ${counts.speeds} speeds of ${baseline.suite}.\n`);
    });
}
