import { join } from 'node:path';
import type { EncoderWeights } from '../methods/method.js';
import { readSafetensors, writeSafetensors } from '../training/safetensors.js';
import { kept } from './kept.js';

/** The encoder's file in the folder of a `pretrain` job. */
export const encoderFile = 'encoder.safetensors';

const weights = kept(4, (folder) => readSafetensors(join(folder, encoderFile)));

/** The encoder of a finished `pretrain` job. */
export const readEncoder = (folder: string): Promise<EncoderWeights> => weights(folder);

export const writeEncoder = (folder: string, encoder: EncoderWeights): Promise<void> => writeSafetensors(join(folder, encoderFile), encoder, { format: 'pt' });
