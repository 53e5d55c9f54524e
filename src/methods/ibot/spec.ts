import type { MethodSpec } from '../method.js';
import { ibotProblems } from './check.js';
import { ibotMacs } from './flops.js';
import { ibotOptions, ibotSchema } from './options.js';

/** iBOT (Zhou et al. 2021, arXiv 2111.07832). */
export const ibot: MethodSpec = {
  name: 'ibot',
  description: 'Self-distillation: matches what an averaged teacher gives for other views and for hidden patches.',
  schema: ibotSchema,
  kind: 'train',
  modules: ['methods/ibot/spec.js', 'methods/ibot/step.js'],
  flopsPerImage(model, options) {
    const { encoders, heads } = ibotMacs(model, ibotOptions(options));
    return 2 * (encoders + heads);
  },
  units: (options) => [{ name: 'views', perImage: 2 + ibotOptions(options).local_crops.count }],
  // The prototypes alone are more than a small encoder.
  flopsParts: (model, options) => [{ name: 'head', perImage: 2 * ibotMacs(model, ibotOptions(options)).heads }],
  knnShowsCollapse: true,
  check: ({ model, options, epochs }) => ibotProblems(model, ibotOptions(options), epochs),
  load: async () => (await import('./step.js')).ibotMethod,
};
