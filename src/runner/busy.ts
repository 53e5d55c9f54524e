import { cpus } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

/** Where more than this part of the cores is busy with other things, a measurement tells about them. */
export const busyLimit = 0.25;
const lookMs = 300;

/** Cores' worth of processor time that is used on this machine now. */
export async function busyCores(): Promise<number> {
  const used = (): number => cpus().reduce((sum, { times }) => sum + times.user + times.nice + times.sys + times.irq, 0);
  const before = used();
  const start = performance.now();
  await sleep(lookMs);
  return (used() - before) / (performance.now() - start);
}
