/** Builds a source checkout when that is needed. Only `maskbench.js` uses it, and only in a checkout. */
import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const newestSource = (folder) => {
  let newest = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    const time = entry.isDirectory() ? newestSource(path) : /\.(ts|json)$/.test(entry.name) ? statSync(path).mtimeMs : 0;
    if (time > newest) newest = time;
  }
  return newest;
};

const timeOf = (path) => (existsSync(path) ? statSync(path).mtimeMs : 0);

/** The stamp carries the time at which the build began: a source saved while it ran is newer, as it should be. */
const isStale = (root) => {
  const dist = join(root, 'dist');
  if (!existsSync(join(dist, 'cli', 'main.js'))) return true;
  const built = Math.max(timeOf(join(dist, '.built')), timeOf(join(dist, '.tsbuildinfo')));
  const configs = ['tsconfig.json', 'tsconfig.build.json'].map((name) => timeOf(join(root, name)));
  return Math.max(newestSource(join(root, 'src')), ...configs) > built;
};

const isAlive = (pid) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
};

const pause = (milliseconds) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);

/** Two commands started at once must not write the same files at once. Returns the function that gives the lock back. */
const lock = (path) => {
  for (;;) {
    try {
      const file = openSync(path, 'wx');
      writeSync(file, String(process.pid));
      closeSync(file);
      return () => rmSync(path, { force: true });
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    let holder = 0;
    try {
      holder = Number(readFileSync(path, 'utf8'));
    } catch {
      continue;
    }
    // An empty file is a lock whose holder is just writing its number; a few seconds old, its holder died doing so.
    if (holder === 0 ? Date.now() - timeOf(path) > 5000 : !isAlive(holder)) rmSync(path, { force: true });
    else pause(100);
  }
};

/** Brings `dist/` up to date. Ends the process with exit code 2 where that is impossible. */
export function buildWhenStale(root) {
  if (!isStale(root)) return;
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  if (!existsSync(compiler)) {
    process.stderr.write(`maskbench: the sources in ${root} are not built and TypeScript is not installed.\n  Run: npm ci\n`);
    process.exit(2);
  }
  mkdirSync(join(root, 'dist'), { recursive: true });
  const unlock = lock(join(root, 'dist', '.building'));
  try {
    if (!isStale(root)) return;
    process.stderr.write('maskbench: building dist/ from src/ ...\n');
    const began = new Date();
    const { status, stdout, stderr } = spawnSync(process.execPath, [compiler, '-p', 'tsconfig.build.json', '--pretty', 'false'], { cwd: root, encoding: 'utf8' });
    if (!existsSync(join(root, 'dist', 'cli', 'main.js'))) {
      process.stderr.write(`${stdout ?? ''}${stderr ?? ''}maskbench: the build failed.\n  Run: npm run typecheck\n`);
      process.exitCode = 2;
      unlock();
      process.exit(2);
    }
    if (status !== 0) {
      const count = (stdout.match(/error TS/g) ?? []).length;
      process.stderr.write(`maskbench: built, but the sources have ${count} type error${count === 1 ? '' : 's'} (npm run typecheck shows them).\n`);
    }
    const stamp = join(root, 'dist', '.built');
    writeFileSync(stamp, '');
    utimesSync(stamp, began, began);
  } finally {
    unlock();
  }
}
