import type { JsonObject } from '../../files.js';
import type { MethodSpec } from '../method.js';

const schema = { type: 'object', additionalProperties: false, properties: {} } as const satisfies JsonObject;

/** No pre-training: the initial encoder that the other methods start from at the same seed. */
export const scratch: MethodSpec = {
  name: 'scratch',
  description: 'No pre-training: a freshly initialised encoder.',
  schema,
  kind: 'none',
  modules: ['methods/scratch/spec.js', 'methods/scratch/encoder.js'],
  flopsPerImage: () => 0,
  load: async () => (await import('./encoder.js')).scratchMethod,
};
