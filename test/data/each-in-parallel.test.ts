import { expect, it } from 'vitest';
import { eachInParallel, mapInParallel } from '../../src/data/sources/each-in-parallel.js';

it('gives results in order, with as many at a time as there are lanes', async () => {
  let [now, most] = [0, 0];
  const found = await mapInParallel([5, 1, 4, 2, 3], 2, async (wait) => {
    most = Math.max(most, ++now);
    await new Promise((resolve) => { setTimeout(resolve, wait); });
    now--;
    return 10 * wait;
  });
  expect(found).toEqual([50, 10, 40, 20, 30]);
  expect(most).toBe(2);
  expect(await mapInParallel([], 4, () => Promise.reject(new Error('nothing is asked')))).toEqual([]);
});

it('begins nothing more after a failure', async () => {
  const begun: number[] = [];
  await expect(eachInParallel(10, 1, (index) => {
    begun.push(index);
    return index === 2 ? Promise.reject(new Error('the third')) : Promise.resolve();
  })).rejects.toThrow('the third');
  expect(begun).toEqual([0, 1, 2]);
});
