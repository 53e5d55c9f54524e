import { CheckpointError } from '../../errors.js';
import { sha256File } from '../../files.js';
import type { MethodSpec } from '../method.js';
import { checkpointPath, checkpointSchema } from './options.js';

/** Someone's own encoder. */
export const checkpoint: MethodSpec = {
  name: 'checkpoint',
  description: "Someone's own encoder, from a safetensors file with timm names.",
  schema: checkpointSchema,
  kind: 'none',
  modules: ['methods/checkpoint/spec.js', 'methods/checkpoint/encoder.js'],
  flopsPerImage: () => 0,
  async fingerprint(options) {
    const path = checkpointPath(options);
    try {
      return await sha256File(path);
    } catch (cause) {
      const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
      throw new CheckpointError(missing ? 'there is no such file' : `cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`, {
        where: path, fix: `Paths of checkpoints count from the folder that maskbench is started in (${process.cwd()}).`, cause,
      });
    }
  },
  load: async () => (await import('./encoder.js')).checkpointMethod,
};
