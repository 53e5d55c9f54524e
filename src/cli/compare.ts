import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command, InvalidArgumentError } from 'commander';
import { UsageError } from '../errors.js';
import type { Baseline } from '../results/baseline/index.js';
import type { Gate } from '../results/gate/index.js';
import { readJsonFile } from './json-file.js';
import { pathName } from './path-name.js';

const help = `
Decides for every entry on every task, for averages and speeds, and for the whole. The suite's \`gate\` says what may be lost.

Examples:
  maskbench compare --baseline baselines/recorded/quick.json
  maskbench compare --baseline baselines/recorded/quick.json reports/quick --out reports/quick/gate
  maskbench compare --against origin/main reports/speed-quick     speed alone, measured again in turns

Exit codes:
  0  pass
  1  regressed
  2  cannot tell (the reason is said), or the command line or a file is wrong
`;

interface CompareFlags { readonly baseline?: string; readonly against?: string; readonly minutes?: number; readonly out?: string; readonly annotations?: true; readonly json?: true }

const minutes = (text: string): number => {
  const value = Number(text);
  if (!(value > 0 && value <= 1440)) throw new InvalidArgumentError('Give minutes from above 0 to 1440.');
  return value;
};

/** `maskbench compare`. */
export function compareCommand(): Command {
  return new Command('compare')
    .description('hold a run against a baseline: pass, regressed, or cannot tell')
    .argument('[run]', 'folder of the run\'s report, or its results.json (else reports/SUITE of the baseline)')
    .option('--baseline <file>', 'what `maskbench baseline record` has written')
    .option('--against <ref>', 'measure speeds again, with this checkout and with that git commit in turns')
    .option('--minutes <n>', 'with --against: begin no pair of measurements that is not over by then, after the third (else 10)', minutes)
    .option('--out <dir>', 'also write gate.md, gate.xml (JUnit) and gate-benchmark.json (github-action-benchmark)', pathName)
    .option('--annotations', 'print GitHub annotations (as where GITHUB_ACTIONS is true)')
    .option('--json', 'print JSON')
    .addHelpText('after', help)
    .action(compareRun);
}

async function compareRun(run: string | undefined, flags: CompareFlags): Promise<void> {
  if (flags.baseline === undefined && flags.against === undefined) throw new UsageError('Give --baseline FILE, --against REF, or both', { fix: 'For example: maskbench compare --baseline baselines/recorded/quick.json' });
  if (flags.minutes !== undefined && flags.against === undefined) throw new UsageError('--minutes is for --against, which measures anew', { fix: 'Give --against REF too, or leave --minutes out.' });
  if (flags.baseline === undefined && run === undefined) throw new UsageError('Name the run whose suite is measured', { fix: 'For example: maskbench compare --against origin/main reports/speed-quick' });
  const [{ decide, withoutBaseline }, { readRunRecord }, { gateExitCode }] = await Promise.all([
    import('../results/gate/index.js'), import('./run-record.js'), import('../report/gate-text.js'),
  ]);
  const baseline = flags.baseline === undefined ? null : await readBaseline(flags.baseline);
  if (flags.baseline !== undefined && baseline === null && run === undefined) {
    throw new UsageError('there is no such baseline', { where: flags.baseline, fix: 'Record one with `maskbench baseline record`, or name a file that is there.' });
  }
  const record = await readRunRecord(run ?? join('reports', baseline!.suite));
  // Without its baseline the gate cannot tell, whatever a measurement of minutes would say.
  const again = flags.against === undefined || (flags.baseline !== undefined && baseline === null) ? null : await (await import('./against/index.js')).remeasure(record, {
    root: fileURLToPath(new URL('../..', import.meta.url)), ref: flags.against, minutes: flags.minutes ?? 10, tell: (line) => process.stderr.write(`${line}\n`),
  });
  const gate = flags.baseline !== undefined && baseline === null ? withoutBaseline(record, flags.baseline) : decide(record, baseline, again);
  await print(gate, flags);
  process.exitCode = gateExitCode[gate.verdict.verdict];
}

/** null where there is none. */
async function readBaseline(file: string): Promise<Baseline | null> {
  const value = await readJsonFile(file, 'Name a file that `maskbench baseline record` has written.', true);
  if (value === undefined) return null;
  const { validateBaseline } = await import('../results/baseline/index.js');
  return validateBaseline(value, file);
}

async function print(gate: Gate, { out, annotations, json }: CompareFlags): Promise<void> {
  const [{ gateTable }, { writeGate }, { gateAnnotations }] = await Promise.all([import('./gate-table.js'), import('../report/gate-formats.js'), import('../report/gate-annotations.js')]);
  const files = out === undefined ? [] : await writeGate(gate, out);
  process.stdout.write(json === true ? `${JSON.stringify({ ...gate, files })}\n` : `${gateTable(gate)}\n${files.map((file) => `${file}\n`).join('')}`);
  // GitHub reads both streams; stdout may be somebody's JSON.
  if (annotations === true || process.env['GITHUB_ACTIONS'] === 'true') process.stderr.write(`${gateAnnotations(gate).join('\n')}\n`);
}
