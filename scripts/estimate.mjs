// npm run test:estimate [SUITE]
//
// Holds the estimate of `maskbench plan` to within 30 % of the run that it is of: plans a suite (default: suites/quick.yaml),
// runs it into a store of its own, prints both by kind of job, and exits with 1 where they are further apart. Takes as
// long as the suite; other programs that run meanwhile spoil it.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const allowed = 0.3;
const root = fileURLToPath(new URL('..', import.meta.url));
const suite = process.argv[2] ?? 'suites/quick.yaml';
const folder = mkdtempSync(join(tmpdir(), 'maskbench-estimate-'));
const bin = join(root, 'bin', 'maskbench.js');
const options = { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'], maxBuffer: 2 ** 28 };
const text = (seconds) => `${seconds.toFixed(1)} s`.padStart(10);

try {
  const where = ['--store', join(folder, 'store')];
  const { totals, times } = JSON.parse(execFileSync(process.execPath, [bin, 'plan', suite, ...where, '--json'], options));
  if (times.state !== 'estimated') throw new Error(`no estimate: ${times.why}`);
  if (times.busyCores !== null) process.stderr.write(`Other programs keep ${times.busyCores.toFixed(1)} cores busy: this will tell little.\n`);

  const run = spawnSync(process.execPath, [bin, 'run', suite, ...where, '--out', join(folder, 'report'), '--profile', '--json'], { ...options, stdio: ['ignore', 'pipe', 'ignore'] });
  if (run.status !== 0) throw new Error(`the run ended with ${run.status}`);
  const { seconds } = JSON.parse(run.stdout);
  const { profile } = JSON.parse(readFileSync(join(folder, 'report', 'results.json'), 'utf8'));

  console.log(`${''.padEnd(12)}${'estimated'.padStart(10)}${'took'.padStart(10)}`);
  for (const { kind, seconds: estimated } of totals.kinds) {
    const took = Object.values(profile.kinds.find((one) => one.kind === kind)?.seconds ?? {}).reduce((sum, part) => sum + part, 0);
    console.log(`${kind.padEnd(12)}${text(estimated)}${text(took)}`);
  }
  const off = times.wallSeconds / seconds - 1;
  console.log(`${'wall time'.padEnd(12)}${text(times.wallSeconds)}${text(seconds)}   ${off >= 0 ? '+' : ''}${(off * 100).toFixed(1)} %, ${times.workers} workers`);
  process.exitCode = Math.abs(off) <= allowed ? 0 : 1;
  if (process.exitCode === 1) console.error(`The estimate is further than ${allowed * 100} % from the run.`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
