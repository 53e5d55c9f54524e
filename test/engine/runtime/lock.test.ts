import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { withLock } from '../../../src/engine/runtime/lock.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'maskbench-lock-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('the set-up lock', () => {
  it('lets one in at a time, and each once', async () => {
    let inside = 0;
    const order: number[] = [];
    let waits = 0;
    await Promise.all([1, 2, 3].map((n) => withLock(join(folder, 'lock'), () => { waits += 1; }, async () => {
      inside += 1;
      expect(inside).toBe(1);
      await new Promise((resolve) => setTimeout(resolve, 20));
      inside -= 1;
      order.push(n);
    })));
    expect(order.sort()).toEqual([1, 2, 3]);
    expect(waits).toBeGreaterThan(0);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('is given back when the work fails', async () => {
    await expect(withLock(join(folder, 'lock'), () => {}, () => Promise.reject(new Error('planted')))).rejects.toThrow('planted');
    expect(await withLock(join(folder, 'lock'), () => {}, () => Promise.resolve(7))).toBe(7);
  });

  it('is taken over from a process that is gone', async () => {
    const child = spawn('true');
    await new Promise((resolve) => child.on('close', resolve));
    writeFileSync(join(folder, 'lock'), JSON.stringify({ host: hostname(), pid: child.pid, start: '1' }));
    expect(await withLock(join(folder, 'lock'), () => { throw new Error('waited'); }, () => Promise.resolve('in'))).toBe('in');
  });

  it.skipIf(process.platform !== 'linux')('is taken over when its number belongs to another process by now', async () => {
    writeFileSync(join(folder, 'lock'), JSON.stringify({ host: hostname(), pid: process.pid, start: '1' }));
    expect(await withLock(join(folder, 'lock'), () => { throw new Error('waited'); }, () => Promise.resolve('in'))).toBe('in');
  });

  it('is taken over from another machine or container when nobody has touched it for a minute, and waited for before', async () => {
    const path = join(folder, 'lock');
    const foreign = (secondsAgo: number): void => {
      writeFileSync(path, JSON.stringify({ host: 'elsewhere', pid: 1, start: '1' }));
      utimesSync(path, Date.now() / 1000 - secondsAgo, Date.now() / 1000 - secondsAgo);
    };
    foreign(61);
    expect(await withLock(path, () => { throw new Error('waited'); }, () => Promise.resolve('in'))).toBe('in');
    foreign(50);
    let waited = false;
    expect(await withLock(path, () => { waited = true; rmSync(path); }, () => Promise.resolve('in'))).toBe('in');
    expect(waited).toBe(true);
  });

  it('is as young as its holder\'s coming, also after a long wait', async () => {
    const path = join(folder, 'lock');
    const first = withLock(path, () => {}, () => new Promise((resolve) => setTimeout(resolve, 300)));
    const second = withLock(path, () => {}, () => Promise.resolve(Date.now() - statSync(path).mtimeMs));
    await first;
    expect(await second).toBeLessThan(300);
  });

  it('is taken over when it is not readable as a lock', async () => {
    writeFileSync(join(folder, 'lock'), '{"host":');
    expect(await withLock(join(folder, 'lock'), () => {}, () => Promise.resolve('in'))).toBe('in');
  });
});
