import { CheckpointError } from '../../errors.js';
import { nearest } from '../../nearest.js';
import type { VitConfig } from '../../models/config.js';
import { vitShapes } from '../../models/vit-shapes.js';
import { isFloat, type SafetensorsFile, type TensorHead, toFloat32 } from '../../training/safetensors.js';
import type { EncoderWeights } from '../method.js';

/** Where an encoder's tensor comes from: the file's name for it, and whether the class token's row of positions is missing. */
interface Place { readonly name: string; readonly shape: readonly number[]; readonly from: string; readonly withoutClassToken: boolean }

/**
 * Finds an encoder's tensors among a file's, by name, shape and dtype. Tensors that belong to no encoder by their well-known
 * names are passed over and said; every other difference is an error that names all of them.
 *
 * - `head.*`, `fc.*`: a classifier.
 * - `decoder_*`, `mask_token`: MAE's decoder, in its full pre-training checkpoints.
 * - `fc_norm.*` stands for `norm.*` where that is missing (models fine-tuned with average pooling); else it is passed over.
 * - `pos_embed` may lack the class token's row or the leading axis of 1.
 */
export function findEncoder(tensors: ReadonlyMap<string, TensorHead>, model: VitConfig, where: string, log: (line: string) => void): readonly Place[] {
  const wanted = vitShapes(model);
  const passedOver = [...tensors.keys()].filter((name) => /^(head|fc|decoder_\w+)\.|^(decoder_pos_embed|mask_token)$/.test(name));
  if (passedOver.length > 0) log(`${where}: passed over (no part of an encoder): ${passedOver.join(', ')}`);
  /** Name in the encoder -> name in the file. */
  const given = new Map([...tensors.keys()].filter((name) => !passedOver.includes(name)).map((name) => [name, name]));
  mapNorm(given, where, log);

  const unknown = [...given.keys()].filter((name) => !wanted.some((other) => other.name === name));
  const problems: string[] = [];
  const places = wanted.flatMap(({ name, shape }): readonly Place[] => {
    const from = given.get(name);
    if (from === undefined) {
      const near = nearest(name, unknown);
      problems.push(`missing: ${name} [${shape.join(', ')}]${near === undefined ? '' : ` (the file has ${near})`}`);
      return [];
    }
    const head = tensors.get(from)!;
    const withoutClassToken = name === 'pos_embed' && lacksClassToken(head.shape, shape);
    const fitting = fits(head.shape, shape) || withoutClassToken || (name === 'pos_embed' && fits([1, ...head.shape], shape));
    if (!fitting) problems.push(`wrong shape: ${name} is [${head.shape.join(', ')}], the model needs [${shape.join(', ')}]`);
    if (!isFloat(head.dtype)) problems.push(`wrong dtype: ${name} is ${head.dtype}; F32, F16 and BF16 can be read`);
    if (withoutClassToken) log(`${where}: pos_embed has no row for the class token; zeros are used`);
    return [{ name, shape, from, withoutClassToken }];
  });
  const known = new Set(wanted.map(({ name }) => name));
  for (const [name, from] of given) if (!known.has(name)) problems.push(`extra: ${name} [${tensors.get(from)!.shape.join(', ')}]`);
  if (problems.length > 0) {
    throw new CheckpointError(`does not hold a ${model.name} encoder (${model.width} wide, ${model.depth} blocks, patch ${model.patchSize}, ${model.imageSize} px):\n  ${problems.join('\n  ')}`, {
      where, fix: "Make the suite's model the checkpoint's own, or rename its tensors to timm's names (docs/checkpoints.md).", data: { problems },
    });
  }
  return places;
}

/** An encoder's weights out of a file, as `findEncoder` finds them. CheckpointError also for values that are not finite. */
export function fitEncoder({ tensors }: SafetensorsFile, model: VitConfig, where: string, log: (line: string) => void): EncoderWeights {
  return new Map(findEncoder(tensors, model, where, log).map(({ name, shape, from, withoutClassToken }) => {
    const values = toFloat32(from, tensors.get(from)!, where);
    if (!withoutClassToken) return [name, { shape, data: values }];
    const data = new Float32Array(shape.reduce((product, n) => product * n, 1));
    data.set(values, data.length - values.length);
    return [name, { shape, data }];
  }));
}

const fits = (shape: readonly number[], wanted: readonly number[]): boolean => shape.length === wanted.length && shape.every((n, i) => n === wanted[i]);

/** Positions [1, L, D] or [L, D] where [1, L + 1, D] is wanted. */
function lacksClassToken(shape: readonly number[], [, rows, width]: readonly number[]): boolean {
  const full = shape.length === 2 ? [1, ...shape] : shape;
  return fits(full, [1, rows! - 1, width!]);
}

function mapNorm(given: Map<string, string>, where: string, log: (line: string) => void): void {
  for (const part of ['weight', 'bias']) {
    const instead = `fc_norm.${part}`;
    if (!given.delete(instead)) continue;
    const own = given.has(`norm.${part}`);
    if (!own) given.set(`norm.${part}`, instead);
    log(own ? `${where}: passed over fc_norm.${part}: the file has norm.${part}` : `${where}: fc_norm.${part} is used as norm.${part}`);
  }
}
