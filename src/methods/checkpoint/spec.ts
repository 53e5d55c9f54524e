import { sha256File } from '../../files.js';
import { readSafetensorsHeader } from '../../training/safetensors.js';
import type { MethodSpec } from '../method.js';
import { findEncoder } from './fit.js';
import { checkpointPath, checkpointSchema } from './options.js';

/** Someone's own encoder. */
export const checkpoint: MethodSpec = {
  name: 'checkpoint',
  description: "Someone's own encoder, from a safetensors file with timm names.",
  schema: checkpointSchema,
  kind: 'none',
  seedless: true,
  locations: ['path'],
  modules: ['methods/checkpoint/spec.js', 'methods/checkpoint/encoder.js'],
  flopsPerImage: () => 0,
  async fingerprint(options, model) {
    const path = checkpointPath(options);
    findEncoder(await readSafetensorsHeader(path), model, path, () => undefined);
    return sha256File(path);
  },
  load: async () => (await import('./encoder.js')).checkpointMethod,
};
