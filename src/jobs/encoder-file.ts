import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { EncoderWeights, TrainRecipe, Weights } from '../methods/method.js';
import { readSafetensors, writeSafetensors } from '../training/safetensors.js';
import { kept } from './kept.js';

/** The encoder's file in the folder of a `pretrain` or `search` job. */
export const encoderFile = 'encoder.safetensors';

/** Beside it: what else was trained (decoder, heads) and what the last step handed on, for an entry that starts from this one and for a search. */
export const othersFile = 'others.safetensors';

/** In the folder of a `pretrain` job: an encoder that was kept on the way, by its share of the steps. */
export const snapshotsFolder = 'snapshots';

/** Where the weights of a share of the steps lie in the folder of a `pretrain` job; without one, the finished ones: there. */
export const weightsAt = (folder: string, share: number | undefined): string => (share === undefined ? folder : join(folder, snapshotsFolder, String(share)));

const weights = kept(4, (folder) => readSafetensors(join(folder, encoderFile)));

/** The encoder of a finished `pretrain` or `search` job. */
export const readEncoder = (folder: string): Promise<EncoderWeights> => weights(folder);

/** Everything that a finished training has left. */
export async function readWeights(folder: string): Promise<Weights> {
  const [encoder, others] = await Promise.all([readEncoder(folder), readSafetensors(join(folder, othersFile))]);
  return new Map([...encoder, ...others]);
}

/** What a training leaves: the encoder, and apart from it what else was trained, with what its steps hand on (`carried`). */
export function trainedWeights({ params, encoderParams }: TrainRecipe, values: ReadonlyMap<string, Float32Array>, carried: ReadonlyMap<string, Float32Array>): { readonly encoder: EncoderWeights; readonly others: Weights } {
  const specs = new Map(params.map((spec) => [spec.name, spec]));
  const of = (names: readonly string[]): Weights => new Map(names.map((name) => [name, { shape: specs.get(name)!.shape, data: values.get(name)! }]));
  const handedOn: Weights = new Map(Array.from(carried, ([name, data]) => [name, { shape: [data.length], data }]));
  const others = params.filter(({ name, trainable }) => trainable && !encoderParams.includes(name));
  return { encoder: of(encoderParams), others: new Map([...of(others.map(({ name }) => name)), ...handedOn]) };
}

async function write(folder: string, file: string, tensors: Weights): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeSafetensors(join(folder, file), tensors, { format: 'pt' });
}

export const writeOthers = (folder: string, others: Weights): Promise<void> => write(folder, othersFile, others);

export const writeEncoder = (folder: string, encoder: EncoderWeights): Promise<void> => write(folder, encoderFile, encoder);
