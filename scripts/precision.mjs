// npm run test:precision -- [--seeds N] [--suite SUITE] [--out FILE] [--folder DIR]
//
// Whether `precision: bf16` changes what a suite finds: runs it (default: suites/quick.yaml with 5 seeds) in f32 and in bf16, and
// writes a Markdown table (default: bench/results/precision.md) of the differences bf16 - f32 for each entry and table of the report:
// averages over the tasks, paired by seed, with their 95 % t-interval over seeds, and of each table the mean over its entries, which is far
// surer than one entry. Exits with 1 where a difference is significant at 5 % after Holm's correction (over the rows of entries, and over those of
// tables), with 2 where it could not run. Takes twice as long as the suite; with the same
// --folder, which is kept, it goes on where it stopped.
import { spawnSync } from 'node:child_process';
import { cpus, tmpdir } from 'node:os';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import jstat from 'jstat';
import { compare } from '../dist/results/comparison.js';
import { averageSamples, pairedDifferences, summarise } from '../dist/results/intervals.js';
import { inPrecision } from './in-precision.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const { values } = parseArgs({ options: { seeds: { type: 'string', default: '5' }, suite: { type: 'string', default: join(root, 'suites/quick.yaml') }, out: { type: 'string', default: join(root, 'bench/results/precision.md') }, folder: { type: 'string' } } });
const folder = values.folder ?? mkdtempSync(join(tmpdir(), 'maskbench-precision-'));
mkdirSync(folder, { recursive: true });

/** Runs the suite in a precision; the record of its results. */
function run(precision) {
  const file = join(folder, `${precision}.yaml`);
  writeFileSync(file, inPrecision(readFileSync(values.suite, 'utf8'), precision));
  const out = join(folder, precision);
  const { status } = spawnSync(process.execPath, [join(root, 'bin/maskbench.js'), 'run', file, '--seeds', values.seeds, '--store', join(folder, 'store'), '--out', out], { stdio: ['ignore', 'ignore', 'inherit'] });
  if (status !== 0) throw new Error(`The run in ${precision} ended with ${status}.`);
  return JSON.parse(readFileSync(join(out, 'results.json'), 'utf8'));
}

/** Averages over the tasks, by table (detection has two, of boxes and of masks) and entry, as samples over seeds. */
const averages = (record) => compare(record).flatMap(({ id: table, rows }) =>
  rows.map(({ entry, groups }) => ({ table, entry: entry.name, sample: averageSamples(groups.map((group) => group.sample)) })));

const pValue = ({ mean, sd, n }) => (sd === 0 ? (mean === 0 ? 1 : 0) : 2 * (1 - jstat.studentt.cdf(Math.abs(mean) / (sd / Math.sqrt(n)), n - 1)));

/** Holm's adjusted p-values, in the order of the rows. */
function holm(ps) {
  const order = ps.map((p, index) => ({ p, index })).sort((a, b) => a.p - b.p);
  const adjusted = [];
  let least = 0;
  order.forEach(({ p, index }, rank) => {
    least = Math.max(least, Math.min(1, p * (ps.length - rank)));
    adjusted[index] = least;
  });
  return adjusted;
}

try {
  const [f32, bf16] = [run('f32'), run('bf16')];
  const other = averages(bf16);
  const rows = averages(f32).map((row) => {
    const pair = other.find(({ table, entry }) => table === row.table && entry === row.entry);
    if (pair === undefined || pair.sample.size < row.sample.size) throw new Error(`The run in bf16 lacks results of ${row.entry} in ${row.table}.`);
    const paired = pairedDifferences(pair.sample, row.sample);
    return { ...row, paired, difference: summarise(paired), was: summarise(row.sample).mean };
  });
  if (rows.some(({ difference }) => difference.kind !== 'interval')) {
    throw new Error('An interval needs at least three seeds: --seeds 5');
  }
  const adjusted = holm(rows.map(({ difference }) => pValue(difference)));
  const pooled = [...new Set(rows.map(({ table }) => table))].map((table) => {
    const own = rows.filter((row) => row.table === table);
    return { table, entry: 'all entries', was: own.reduce((sum, { was }) => sum + was, 0) / own.length, difference: summarise(averageSamples(own.map(({ paired }) => paired))) };
  });
  const adjustedPooled = holm(pooled.map(({ difference }) => pValue(difference)));
  const points = (value) => `${value < 0 ? '\u2212' : '+'}${(100 * Math.abs(value)).toFixed(1)}`;
  const line = ({ table, entry, was, difference }, p) => `| ${table} | ${entry} | ${(100 * was).toFixed(1)} | ${points(difference.mean)} | ${points(difference.low)} to ${points(difference.high)} | ${p.toFixed(2)} |`;
  const table = [
    `# bf16 against f32: ${basename(values.suite)}`,
    '',
    `\`npm run test:precision\` of ${new Date().toISOString().slice(0, 10)}, ${cpus()[0].model}, ${cpus().length} cores, ${values.seeds} seeds. Points of accuracy, mIoU or AP on test images, averages over the tasks, differences bf16 \u2212 f32 paired by seed, 95 % t-interval over seeds; p after Holm's correction over ${rows.length} rows of entries and ${pooled.length} of all entries together.`,
    '',
    '| table | entry | f32 | bf16 \u2212 f32 | 95 % interval | p |',
    '|---|---|---:|---:|---:|---:|',
    ...rows.map((one, index) => line(one, adjusted[index])),
    ...pooled.map((one, index) => line(one, adjustedPooled[index])),
    '',
  ].join('\n');
  writeFileSync(values.out, table);
  console.log(table);
  const different = [...rows.filter((_, index) => adjusted[index] < 0.05), ...pooled.filter((_, index) => adjustedPooled[index] < 0.05)];
  if (different.length > 0) console.error(`bf16 differs from f32: ${different.map(({ table, entry }) => `${table}, ${entry}`).join('; ')}.`);
  process.exitCode = different.length > 0 ? 1 : 0;
} catch (error) {
  console.error(error.message);
  process.exitCode = 2;
} finally {
  if (values.folder === undefined) rmSync(folder, { recursive: true, force: true });
}
