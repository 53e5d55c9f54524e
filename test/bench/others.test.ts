import { expect, it } from 'vitest';
import { summariseOthers, watchOthers } from '../../bench/others.js';

/** `/proc` as it stands at a moment: of the machine user, nice, system, idle, iowait, irq, softirq, steal; of processes utime and stime. */
const proc = (machine: readonly number[], processes: Readonly<Record<number, readonly [number, number]>>) => (path: string): string => {
  if (path === '/proc/stat') return `cpu  ${machine.join(' ')} 0 0\ncpu0 1 2 3 4\n`;
  const pid = Number(path.split('/')[2]);
  const [user, system] = processes[pid]!;
  return `${pid} (a name) with) brackets) R 1 2 3 4 5 6 7 8 9 10 ${user} ${system} 13 14 15\n`;
};

it('what others did is what the machine did without this process and the watched ones', () => {
  let [read, time] = [proc([1000, 100, 200, 5000, 50, 10, 20, 7], { [process.pid]: [30, 5], 7: [400, 40] }), 0];
  const stop = watchOthers([7], (path) => read(path), () => time);
  // Two seconds on: 1.9 of the watched, 0.05 here, 0.25 of others, 0.04 stolen; idle and waiting time are nobody's.
  [read, time] = [proc([1200, 105, 210, 5160, 90, 12, 23, 11], { [process.pid]: [34, 6], 7: [580, 50] }), 2000];
  expect(stop()).toEqual({ busy: 0.125, stolen: 0.02 });
});

it('nothing is said where the kernel does not tell', () => {
  expect(watchOthers([7], () => { throw new Error('no such file'); })()).toBeNull();
  expect(summariseOthers([])).toBeNull();
});

it('turns are counted as disturbed above a tenth of a core', () => {
  expect(summariseOthers([{ busy: 0, stolen: 0.5, turn: 'a' }, { busy: 0.1, stolen: 0, turn: 'b' }, { busy: 0.2, stolen: 0.1, turn: 'c' }])).toEqual({
    turns: 3, mean: { busy: expect.closeTo(0.1, 12) as number, stolen: expect.closeTo(0.2, 12) as number }, most: { busy: 0.2, stolen: 0.5 }, disturbed: 1, disturbedTurns: ['c'],
  });
});
