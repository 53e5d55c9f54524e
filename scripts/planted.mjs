/**
 * npm run test:planted [-- FAULT ...]
 *
 * Plants faults in copies of the project, runs a small suite with each copy, and holds every run against the baseline of the code as it is:
 * the gate must call each fault `regressed`, and neither the same code nor another order of the training images. Faults that slow the steps are
 * measured against the code as it is by `compare --against`, which wants a machine without other work.
 * Prints a Markdown table; exit code 1 where a verdict is not the one that is right.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const suite = join(root, 'test/fixtures/planted.yaml');

/** `change`: text of a file that is replaced. `codes`: right exit codes of `maskbench compare`. */
const plants = [
  { name: 'same', what: 'nothing', codes: [0] },
  { name: 'order', what: 'pre-training sees its images in another order', change: ['src/data/loader/order.ts', "pretrainPurpose = 'pretrain'", "pretrainPurpose = 'another'"], codes: [0, 2] },
  { name: 'norm', what: 'pixels are not divided by 255', change: ['src/models/images.ts', '1 / (255 * std)', '1 / std'], codes: [1] },
  { name: 'lr', what: 'a tenth of every learning rate that falls along a cosine', change: ['src/training/schedules.ts', 'return floor + ((peak - floor)', 'return floor + ((peak / 10 - floor)'], codes: [1] },
  { name: 'slow', what: 'every step waits for 15 ms', change: ['src/engine/trace/model.ts', '      results = binding.runSavedModel(', '      for (const end = performance.now() + 15; performance.now() < end;);\n      results = binding.runSavedModel('], codes: [1], speed: true },
];
const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !plants.some((plant) => plant.name === name));
if (unknown.length > 0) {
  console.error(`usage: npm run test:planted [-- FAULT ...]\nFaults are ${plants.map(({ name }) => name).join(', ')}; there is no ${unknown.join(', ')}.`);
  process.exit(2);
}

const verdicts = ['pass', 'regressed', 'cannot tell'];
const folder = mkdtempSync(join(tmpdir(), 'maskbench-planted-'));

function call(program, args, cwd = folder) {
  const { status, stdout, stderr, error } = spawnSync(process.execPath, [join(program, 'bin/maskbench.js'), ...args], { cwd, encoding: 'utf8', maxBuffer: 1 << 28 });
  if (error) throw error;
  return { status, stdout, stderr };
}
function must(...args) {
  const done = call(...args);
  if (done.status !== 0) throw new Error(`${args[1].join(' ')} ended with ${done.status}:\n${done.stdout}\n${done.stderr}`);
  return done;
}

/** A copy of the project with one text replaced, which must be there once. */
function copyWith(name, change) {
  const copy = join(folder, name);
  const left = ['node_modules', 'dist', 'reports', '.maskbench', 'bench'];
  cpSync(root, copy, { recursive: true, filter: (path) => !left.includes(relative(root, path).split(/[\\/]/)[0]) });
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  if (change !== undefined) {
    const [file, from, to] = change;
    const text = readFileSync(join(copy, file), 'utf8');
    if (text.split(from).length !== 2) throw new Error(`${file} does not have this text once: ${from}`);
    writeFileSync(join(copy, file), text.replace(from, () => to));
  }
  return copy;
}

let wrong = 0;
try {
  const now = plants.filter(({ name }) => wanted.length === 0 || wanted.includes(name));
  const baseline = join(folder, 'baseline.json');
  if (now.some(({ speed }) => !speed)) {
    must(root, ['run', suite, '--store', join(folder, 'store'), '--out', join(folder, 'report')]);
    must(root, ['baseline', 'record', 'planted', join(folder, 'report'), '--out', baseline]);
  }
  console.log('| fault | mean of all averages | verdict | |\n|---|---:|---|---|');
  for (const { name, what, change, codes, speed } of now) {
    const copy = copyWith(name, change);
    const report = join(folder, `${name}-report`);
    // A store of its own: the same code has to compute its numbers again.
    must(copy, ['run', speed ? join(copy, 'suites/speed-quick.yaml') : suite, '--store', join(folder, `${name}-store`), '--out', report]);
    const { status, stdout, stderr } = call(copy, speed ? ['compare', '--against', 'HEAD', report, '--json'] : ['compare', '--baseline', baseline, report, '--json'], copy);
    if (stdout === '') throw new Error(`maskbench compare said nothing:\n${stderr}`);
    const { rows } = JSON.parse(stdout);
    const whole = rows.find((row) => row.kind === 'quality' && row.entry === null)?.change;
    const points = (value) => (100 * value).toFixed(1);
    const right = codes.includes(status);
    if (!right) wrong++;
    console.log(`| ${what} | ${whole == null ? '–' : `${points(whole.mean)} (${points(whole.interval.low)} to ${points(whole.interval.high)})`} | ${verdicts[status] ?? status} | ${right ? 'right' : '**WRONG**'} |`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exitCode = wrong === 0 ? 0 : 1;
