import { stat } from 'node:fs';

/**
 * Asks Node's thread pool for something small once in a while, for as long as the process has other things to do.
 *
 * glibc before 2.41 can lose the signal that wakes a waiting thread (bug 25847 of its tracker). What was asked of the pool,
 * the reading of a file say, then waits until the pool is asked for something else, and a process that waits for nothing
 * but that file waits for ever: a worker was seen so for 22 minutes, behind the last step of its job.
 */
export function nudgeThreadPool(everyMs = 1000): void {
  setInterval(() => stat('/', () => undefined), everyMs).unref();
}
