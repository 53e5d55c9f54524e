import { Worker } from 'node:worker_threads';

const everyMs = 200;

/**
 * Ends this process soon after its parent is gone, even while native code blocks the event loop: a thread of its own
 * watches. Otherwise a worker of a killed run would go on for the rest of its job, and the next run would wait for it.
 */
export function dieWithParent(parent: number): void {
  process.on('disconnect', () => process.exit(0));
  const code = `
    const { workerData } = require('node:worker_threads');
    setInterval(() => { if (process.ppid !== workerData.parent) process.kill(process.pid, 'SIGKILL'); }, ${everyMs});
  `;
  const thread = new Worker(code, { eval: true, workerData: { parent }, resourceLimits: { maxOldGenerationSizeMb: 8, maxYoungGenerationSizeMb: 2 } });
  thread.unref();
}
