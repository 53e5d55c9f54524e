import { readSafetensorsFile } from '../../training/safetensors.js';
import type { EncoderMethod } from '../method.js';
import { fitEncoder } from './fit.js';
import { checkpointPath } from './options.js';

export const checkpointMethod: EncoderMethod = {
  kind: 'none',
  async encoder({ model, options, log }) {
    const path = checkpointPath(options);
    return fitEncoder(await readSafetensorsFile(path), model, path, log ?? (() => undefined));
  },
};
