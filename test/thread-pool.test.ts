import { createHook } from 'node:async_hooks';
import { setTimeout } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { nudgeThreadPool } from '../src/thread-pool.js';

test('the thread pool is asked for something again and again, by a timer that keeps no process alive', async () => {
  let asked = 0;
  let timers = 0;
  const hook = createHook({
    init: (_id, type) => {
      if (type === 'FSREQCALLBACK') asked++;
      if (type === 'Timeout') timers++;
    },
  }).enable();
  const holding = process.getActiveResourcesInfo().filter((type) => type === 'Timeout').length;
  nudgeThreadPool(5);
  expect(timers).toBe(1);
  expect(process.getActiveResourcesInfo().filter((type) => type === 'Timeout')).toHaveLength(holding);
  while (asked < 3) await setTimeout(5);
  hook.disable();
});
