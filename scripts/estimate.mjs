// npm run test:estimate [SUITE]
//
// Holds the estimate of `maskbench plan` to within 30 % of the run that it is of, and every kind of job that takes 10 s or more to within half: plans a suite
// (default: suites/quick.yaml), runs it into a store of its own, prints both by kind of job, and exits with 1 where they are further apart, with 2 where it
// could not tell: no estimate, a run that failed, or other programs at work. Takes as long as the suite.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const allowed = 0.3;
/** Of a kind of job that took as many seconds. */
const allowedOfKind = 0.5;
const heldFrom = 10;
/** Seconds that the runner takes around a job (src/runner/forecast.ts): in the estimate of its kind, and not in the profile, which is of the job. */
const aroundJob = 0.05;
/** Longest name of a kind, and a gap. */
const wide = 22;
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
  const busy = times.busyCores !== null;

  const run = spawnSync(process.execPath, [bin, 'run', suite, ...where, '--out', join(folder, 'report'), '--profile', '--json'], { ...options, stdio: ['ignore', 'pipe', 'ignore'] });
  if (run.status !== 0) throw new Error(`the run ended with ${run.status}`);
  const { seconds: wall } = JSON.parse(run.stdout);
  const { profile } = JSON.parse(readFileSync(join(folder, 'report', 'results.json'), 'utf8'));

  console.log(`${''.padEnd(wide)}${'estimated'.padStart(10)}${'took'.padStart(10)}`);
  const apart = [];
  for (const { kind, jobs, seconds } of totals.kinds) {
    const estimated = seconds - aroundJob * jobs;
    const took = Object.values(profile.kinds.find((one) => one.kind === kind)?.seconds ?? {}).reduce((sum, part) => sum + part, 0);
    console.log(`${kind.padEnd(wide)}${text(estimated)}${text(took)}`);
    if (Math.max(took, estimated) >= heldFrom && Math.abs(estimated / took - 1) > allowedOfKind) apart.push(kind);
  }
  const off = times.wallSeconds / wall - 1;
  console.log(`${'wall time'.padEnd(wide)}${text(times.wallSeconds)}${text(wall)}   ${off >= 0 ? '+' : ''}${(off * 100).toFixed(1)} %, ${times.workers} workers`);
  if (Math.abs(off) > allowed) console.error(`The estimate is further than ${allowed * 100} % from the run.`);
  if (apart.length > 0) console.error(`Further than ${allowedOfKind * 100} % apart: ${apart.join(', ')}.`);
  process.exitCode = busy ? 2 : Math.abs(off) <= allowed && apart.length === 0 ? 0 : 1;
} catch (error) {
  console.error(error.message);
  process.exitCode = 2;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
