import { join } from 'node:path';
import type { EncoderWeights, Weights } from '../methods/method.js';
import { readSafetensors, writeSafetensors } from '../training/safetensors.js';
import { kept } from './kept.js';

/** The encoder's file in the folder of a `pretrain` or `search` job. */
export const encoderFile = 'encoder.safetensors';

/** Beside it: what else was trained (decoder, heads), for an entry that starts from this one. */
export const othersFile = 'others.safetensors';

const weights = kept(4, (folder) => readSafetensors(join(folder, encoderFile)));

/** The encoder of a finished `pretrain` or `search` job. */
export const readEncoder = (folder: string): Promise<EncoderWeights> => weights(folder);

/** Everything that a finished training has left. */
export async function readWeights(folder: string): Promise<Weights> {
  const [encoder, others] = await Promise.all([readEncoder(folder), readSafetensors(join(folder, othersFile))]);
  return new Map([...encoder, ...others]);
}

export const writeOthers = (folder: string, others: Weights): Promise<void> => writeSafetensors(join(folder, othersFile), others, { format: 'pt' });

export const writeEncoder = (folder: string, encoder: EncoderWeights): Promise<void> => writeSafetensors(join(folder, encoderFile), encoder, { format: 'pt' });
