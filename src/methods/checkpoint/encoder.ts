import { CheckpointError } from '../../errors.js';
import { sha256File } from '../../files.js';
import { readSafetensorsFile } from '../../training/safetensors.js';
import type { EncoderMethod } from '../method.js';
import { encoderWeights, findEncoder } from './fit.js';
import { channelStatistics, checkpointPath } from './options.js';
import { renormalise } from './renormalise.js';

export const checkpointMethod: EncoderMethod = {
  kind: 'none',
  async encoder({ model, options, fingerprint, log }) {
    const path = checkpointPath(options);
    const file = await readSafetensorsFile(path);
    // The job's key names the content that the plan saw.
    if (fingerprint !== undefined && await sha256File(path) !== fingerprint) {
      throw new CheckpointError('has changed since the plan was made', { where: path, fix: 'Run again: the plan is made anew from what is there now.' });
    }
    const fit = findEncoder(file.tensors, model, path);
    for (const { name, tensors, use, reason } of fit.exceptions) log?.(`${path}: ${name} (${tensors}) ${use}: ${reason}`);
    const { mean, std } = channelStatistics(options);
    return renormalise(encoderWeights(file, fit, path), mean, std);
  },
};
