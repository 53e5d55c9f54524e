import { encoderMacs, maeForwardMacs } from '../../models/flops.js';
import { patchCount } from '../../models/config.js';
import { keptPatches } from '../mae/kept.js';
import type { MethodSpec } from '../method.js';
import { moceProblems } from './check.js';
import { moceOptions, moceSchema } from './options.js';
import { expertMacs } from './plan.js';

/** Mixture of cluster-conditional experts (Liu et al. 2023, arXiv 2402.05382), as far as it is known; see options.ts. */
export const moce: MethodSpec = {
  name: 'moce',
  description: 'Mixture of cluster-conditional experts: MAE that goes on with several MLPs in some blocks, each for some clusters of images; a task gets the one whose clusters are nearest.',
  schema: moceSchema,
  kind: 'train',
  modules: ['methods/moce/spec.js', 'methods/moce/step.js'],
  startsFrom: { methods: ['mae'], required: true, alike: ['decoder'] },
  clusters: (options) => (moceOptions(options).gate === 'token' ? undefined : moceOptions(options).clusters),
  searches: {
    options: ['search', 'extract'],
    every: (options) => Array.from({ length: moceOptions(options).experts.count }, (_, rank) => ({ ...options, search: { ...moceOptions(options).search, mode: 'vote', rank } })),
  },
  // Forward and backward: three times the forward pass, two operations a multiply-add; the teacher once forward.
  flopsPerImage(model, json, batchSize) {
    const options = moceOptions(json);
    const kept = keptPatches(patchCount(model), options.mask_ratio);
    const teacher = options.loss_weights.distillation > 0 ? encoderMacs(model, kept) : 0;
    return 6 * (maeForwardMacs(model, options.decoder, options.mask_ratio) + expertMacs(model, options, kept + 1, batchSize)) + 2 * teacher;
  },
  check: ({ model, options, epochs, batchSize }) => moceProblems(model, moceOptions(options), epochs, batchSize),
  load: async () => (await import('./step.js')).moceMethod,
};
