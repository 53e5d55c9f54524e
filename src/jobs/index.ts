import type { JobKinds } from '../runner/job.js';

/** What a worker can do, by the kind of the node. Loaded on first use: a plan needs none of it, a worker only some. */
export const jobKinds: JobKinds = {
  prepare: async () => (await import('./prepare.js')).prepare,
  pretrain: async () => (await import('./pretrain.js')).pretrain,
  cluster: async () => (await import('./cluster.js')).cluster,
  search: async () => (await import('./search.js')).search,
  attention: async () => (await import('./attention.js')).attention,
  overlap: async () => (await import('./overlap.js')).overlap,
  features: async () => (await import('./features.js')).features,
  transfer: async () => (await import('./transfer.js')).transfer,
  speed: async () => (await import('./speed.js')).speed,
  measure: async () => (await import('./measure.js')).measureWith(jobKinds),
  calibrate: async () => (await import('./calibrate.js')).calibrate,
};

/** What the last job's tensors ran on, for its result. */
export { takeEngineUse as engineInfo } from '../engine/opened.js';
