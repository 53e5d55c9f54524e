import { CheckpointError } from '../../errors.js';
import { nearest } from '../../nearest.js';
import type { VitConfig } from '../../models/config.js';
import { vitShapes } from '../../models/vit.js';
import { type SafetensorsFile, type StoredTensor, toFloat32 } from '../../training/safetensors.js';
import type { EncoderWeights } from '../method.js';

/**
 * An encoder's weights out of a file. Tensors that belong to no encoder by their well-known names are passed over and
 * said; every other difference is an error that names all of them.
 *
 * - `head.*`, `fc.*`: a classifier.
 * - `decoder_*`, `mask_token`: MAE's decoder, in its full pre-training checkpoints.
 * - `fc_norm.*` stands for `norm.*` where that is missing (models fine-tuned with average pooling); else it is passed over.
 * - `pos_embed` may lack the class token's row or the leading axis of 1.
 */
export function fitEncoder(file: SafetensorsFile, model: VitConfig, where: string, log: (line: string) => void): EncoderWeights {
  const wanted = vitShapes(model);
  const given = new Map(file.tensors);
  const passedOver = [...given.keys()].filter((name) => /^(head|fc|decoder_\w+)\.|^(decoder_pos_embed|mask_token)$/.test(name));
  for (const name of passedOver) given.delete(name);
  if (passedOver.length > 0) log(`${where}: passed over (no part of an encoder): ${passedOver.join(', ')}`);
  mapNorm(given, where, log);

  const unknown = [...given.keys()].filter((name) => !wanted.some((other) => other.name === name));
  const problems: string[] = [];
  const weights = new Map<string, { shape: readonly number[]; data: Float32Array }>();
  for (const { name, shape } of wanted) {
    const tensor = given.get(name);
    if (tensor === undefined) {
      const near = nearest(name, unknown);
      problems.push(`missing: ${name} [${shape.join(', ')}]${near === undefined ? '' : ` (the file has ${near})`}`);
      continue;
    }
    given.delete(name);
    const data = fits(tensor.shape, shape) ? toFloat32(name, tensor, where) : name === 'pos_embed' ? positions(tensor, shape, where, log) : null;
    if (data === null) problems.push(`wrong shape: ${name} is [${tensor.shape.join(', ')}], the model needs [${shape.join(', ')}]`);
    else weights.set(name, { shape, data });
  }
  for (const [name, { shape }] of given) problems.push(`extra: ${name} [${shape.join(', ')}]`);
  if (problems.length > 0) {
    throw new CheckpointError(`does not hold a ${model.name} encoder (${model.width} wide, ${model.depth} blocks, patch ${model.patchSize}, ${model.imageSize} px):\n  ${problems.join('\n  ')}`, {
      where, fix: "Make the suite's model the checkpoint's own, or rename its tensors to timm's names (docs/checkpoints.md).", data: { problems },
    });
  }
  return weights;
}

const fits = (shape: readonly number[], wanted: readonly number[]): boolean => shape.length === wanted.length && shape.every((n, i) => n === wanted[i]);

function mapNorm(given: Map<string, StoredTensor>, where: string, log: (line: string) => void): void {
  for (const part of ['weight', 'bias']) {
    const instead = given.get(`fc_norm.${part}`);
    if (instead === undefined) continue;
    given.delete(`fc_norm.${part}`);
    const own = given.has(`norm.${part}`);
    if (!own) given.set(`norm.${part}`, instead);
    log(own ? `${where}: passed over fc_norm.${part}: the file has norm.${part}` : `${where}: fc_norm.${part} is used as norm.${part}`);
  }
}

/** Positions written in another way, as [1, L + 1, D]; null where they do not fit. */
function positions(tensor: StoredTensor, wanted: readonly number[], where: string, log: (line: string) => void): Float32Array | null {
  const [, rows, width] = wanted as [number, number, number];
  const shape = tensor.shape.length === 2 ? [1, ...tensor.shape] : tensor.shape;
  if (fits(shape, wanted)) return toFloat32('pos_embed', tensor, where);
  if (!fits(shape, [1, rows - 1, width])) return null;
  log(`${where}: pos_embed has no row for the class token; zeros are used`);
  const data = new Float32Array(rows * width);
  data.set(toFloat32('pos_embed', tensor, where), width);
  return data;
}
