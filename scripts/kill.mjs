/**
 * npm run test:kill [-- KILLS [SUITE [SEED]]]
 *
 * Kills a real run (`kill -9` of its whole process group) KILLS times in all, going on with the same store until it is
 * finished and then with a new one: the first, third, fifth time a moment after a training has left a checkpoint, else at
 * any moment. Every finished job is held to an undisturbed run on this machine:
 * artifacts to the bit, results but for their times. Prints a summary and the seed of its moments; exit code 1 for any difference.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';

const root = fileURLToPath(new URL('..', import.meta.url));
const wanted = Number(process.argv[2] ?? 20);
const suite = process.argv[3] ?? join(root, 'test/fixtures/kill.yaml');
const seed = Number(process.argv[4] ?? Date.now() % 2 ** 32);
if (!Number.isInteger(wanted) || wanted < 1 || !Number.isInteger(seed)) {
  console.error('usage: npm run test:kill -- [KILLS [SUITE [SEED]]]');
  process.exit(2);
}

let drawn = 0;
/** The next number in [0, 1) of the seed. */
const draw = () => createHash('sha256').update(`${seed}/${drawn++}`).digest().readUInt32LE() / 2 ** 32;

const times = ['startedAt', 'finishedAt', 'wallSeconds', 'cpuSeconds', 'peakMemoryBytes', 'phases', 'resumed'];
/** Of a pre-training result: speed is information about this one run. */
const rates = ['imagesPerSecond', 'waitedShare'];
const sha = (data) => createHash('sha256').update(data).digest('hex');

const walk = (folder, below = '') => readdirSync(join(folder, below)).flatMap((name) => {
  const path = join(below, name);
  return statSync(join(folder, path)).isDirectory() ? walk(folder, path) : [path];
});

/** Path in the store -> what must be equal. */
function contents(store) {
  const objects = join(store, 'objects');
  if (!existsSync(objects)) return new Map();
  return new Map(walk(objects).filter((path) => !path.endsWith('manifest.json')).map((path) => {
    const bytes = readFileSync(join(objects, path));
    if (!path.endsWith('result.json')) return [path, sha(bytes)];
    const result = JSON.parse(bytes.toString());
    for (const name of [...times, ...rates]) delete result[name];
    return [path, sha(JSON.stringify(result))];
  }));
}

/** Checkpoints that trainings have left in a store. */
const checkpoints = (store) => existsSync(join(store, 'work')) ? readdirSync(join(store, 'work')).filter((key) => existsSync(join(store, 'work', key, 'scratch', 'checkpoint.safetensors'))) : [];

function start(store) {
  const child = spawn(process.execPath, [join(root, 'bin/maskbench.js'), 'run', suite, '--store', store, '--out', join(store, 'report'), '--workers', '2', '--json'],
    // Checkpoints every half second, so that short jobs are caught between two of them.
    { detached: true, stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, MASKBENCH_CHECKPOINT_SECONDS: '0.5' } });
  let text = '';
  child.stderr.on('data', (chunk) => { text += chunk; });
  return { child, ended: once(child, 'close').then(([code]) => ({ code, text })) };
}

const base = mkdtempSync(join(tmpdir(), 'maskbench-kill-'));
const problems = [];
try {
  const whole = join(base, 'whole');
  const begin = Date.now();
  const first = await start(whole).ended;
  if (first.code !== 0) throw new Error(`the undisturbed run ended with ${first.code}:\n${first.text.slice(-3000)}`);
  const duration = Date.now() - begin;
  const expected = contents(whole);
  console.log(`undisturbed: ${(duration / 1000).toFixed(1)} s, ${expected.size} files`);

  const compare = (store, complete) => {
    const found = contents(store);
    for (const [path, hash] of found) if (expected.get(path) !== hash) problems.push(`${path} differs`);
    if (complete) for (const path of expected.keys()) if (!found.has(path)) problems.push(`${path} is missing`);
    return found.size;
  };

  let kills = 0;
  let stores = 0;
  let resumed = 0;
  console.log(`seed ${seed}`);
  while (kills < wanted || stores === 0) {
    const store = join(base, `store-${stores}`);
    for (;;) {
      const { child, ended } = start(store);
      const begun = Date.now();
      let over = false;
      void ended.then(() => { over = true; });
      const behind = kills % 2 === 0;
      if (behind) while (!over && checkpoints(store).length === 0) await sleep(20);
      const delay = draw() * (behind ? 200 : duration * 0.8);
      const killed = kills < wanted && await Promise.race([ended.then(() => false), sleep(delay, true, { ref: false })]);
      const after = Date.now() - begun;
      if (killed) process.kill(-child.pid, 'SIGKILL');
      const { code, text } = await ended;
      // One behind a checkpoint does not count where the training finished in between.
      if (killed && !(behind && checkpoints(store).length === 0)) kills++;
      resumed += (text.match(/"event":"resumed"/g) ?? []).length;
      const files = compare(store, code === 0);
      console.log(`store ${stores}: ${killed ? `killed after ${(after / 1000).toFixed(1)} s, ${checkpoints(store).length} trainings half-way` : `ended with ${code}`}, ${files} of ${expected.size} files, ${problems.length} differences`);
      if (code === 0) break;
      if (!killed) throw new Error(`a run ended with ${code}:\n${text.slice(-3000)}`);
    }
    rmSync(store, { recursive: true });
    stores++;
  }
  console.log(`${kills} kills in ${stores} stores; ${resumed} jobs went on from a checkpoint; ${problems.length} differences`);
  for (const problem of problems.slice(0, 20)) console.log(`  ${problem}`);
} finally {
  rmSync(base, { recursive: true, force: true });
}
process.exitCode = problems.length > 0 ? 1 : 0;
