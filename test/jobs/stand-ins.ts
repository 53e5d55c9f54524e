import { expect } from 'vitest';
import { jobKinds } from '../../src/jobs/index.js';
import { measureWith } from '../../src/jobs/measure.js';
import type { Plan } from '../../src/runner/job.js';
import { temporaryFolder } from '../temporary-folder.js';

/** Measures how long a job of a plan takes, with stand-ins for what it takes from others. */
export async function expectMeasurable({ jobs }: Plan, id: string): Promise<void> {
  const { kind, config, inputs } = jobs.find((one) => one.id === id)!;
  const folder = temporaryFolder();
  const timing = await measureWith(jobKinds)({
    job: { id: 'measure', kind: 'measure', config: { kind, config, inputs: Object.keys(inputs), seconds: 0.01 }, inputs: {}, modules: [], threads: 1, cost: { images: 0, flops: 0, bytes: 0 }, tags: {}, key: '', code: '' },
    folder, scratch: folder, input: () => '', progress: () => undefined, startAnew: () => undefined, log: () => undefined, phases: { enter: () => undefined },
  });
  expect(timing['whole']).toBeGreaterThan(0);
}
