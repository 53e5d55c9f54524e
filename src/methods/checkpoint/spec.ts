import { type JsonObject, sha256File } from '../../files.js';
import type { VitConfig } from '../../models/config.js';
import { readSafetensorsHeader } from '../../training/safetensors.js';
import type { EncoderSource, MethodSpec } from '../method.js';
import { findEncoder } from './fit.js';
import { refuseOtherFormats } from './other-formats.js';
import { checkpointPath, checkpointSchema } from './options.js';

/** From the file's header alone. */
async function sourceOf(options: JsonObject, model: VitConfig): Promise<EncoderSource> {
  const file = checkpointPath(options);
  await refuseOtherFormats(file);
  const { places, exceptions } = findEncoder(await readSafetensorsHeader(file), model, file);
  return { file, taken: places.length, exceptions };
}

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
    await sourceOf(options, model);
    return sha256File(checkpointPath(options));
  },
  encoderSource: sourceOf,
  load: async () => (await import('./encoder.js')).checkpointMethod,
};
