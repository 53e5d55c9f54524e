import { sizeOf } from '../../engine/feeds.js';
import { CheckpointError } from '../../errors.js';
import { nearest } from '../../nearest.js';
import type { VitConfig } from '../../models/config.js';
import { vitShapes } from '../../models/vit-shapes.js';
import { isFloat, type SafetensorsFile, type TensorHead, toFloat32 } from '../../training/safetensors.js';
import type { EncoderWeights, TensorGroup } from '../method.js';

/** Where an encoder's tensor comes from: the file's name for it, and whether the class token's row of positions is missing. */
interface Place { readonly name: string; readonly shape: readonly number[]; readonly from: string; readonly withoutClassToken: boolean }

/** What of a file becomes the encoder, and what does not. */
interface Fit { readonly places: readonly Place[]; readonly exceptions: readonly TensorGroup[] }

/** Tensors that belong to no encoder, by their well-known names. */
const foreign = [
  { pattern: /^(head|fc)\./, reason: 'a classifier: no part of the encoder, each protocol trains its own' },
  { pattern: /^decoder_\w+\.|^(decoder_pos_embed|mask_token)$/, reason: "MAE's decoder: no part of the encoder" },
] as const;

const averaging = 'the file has no norm.*: its model averages patch tokens, so give linear and knn `pool: mean` (under protocols, for all entries); docs/checkpoints.md, Average pooling, says what differs from timm';

/** One tensor that is not taken as it stands. */
interface Exception { readonly tensor: string; readonly use: string; readonly reason: string }

/**
 * Finds an encoder's tensors among a file's, by name, shape and dtype. Tensors that belong to no encoder by their well-known
 * names are passed over and listed; every other difference is an error that names all of them.
 *
 * - `head.*`, `fc.*`: a classifier.
 * - `decoder_*`, `mask_token`: MAE's decoder, in its full pre-training checkpoints.
 * - `fc_norm.*` stands for `norm.*` where there is none (timm's models with average pooling); else it is passed over.
 * - `pos_embed` may lack the class token's row or the leading axis of 1.
 */
export function findEncoder(tensors: ReadonlyMap<string, TensorHead>, model: VitConfig, where: string): Fit {
  refuseOtherNames([...tensors.keys()], where);
  const wanted = vitShapes(model);
  const exceptions: Exception[] = [];
  /** Name in the encoder -> name in the file. */
  const given = new Map<string, string>();
  const hasNorm = ['norm.weight', 'norm.bias'].some((name) => tensors.has(name));
  for (const name of tensors.keys()) {
    const reason = foreign.find(({ pattern }) => pattern.test(name))?.reason;
    if (reason !== undefined) exceptions.push({ tensor: name, use: 'passed over', reason });
    else if (!/^fc_norm\.(weight|bias)$/.test(name)) given.set(name, name);
    else if (hasNorm) exceptions.push({ tensor: name, use: 'passed over', reason: 'the file has norm.*, which the encoder takes' });
    else {
      given.set(name.replace('fc_norm', 'norm'), name);
      exceptions.push({ tensor: name, use: 'used as norm.*', reason: averaging });
    }
  }

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
    if (!fitting) problems.push(`wrong shape: ${from} is [${head.shape.join(', ')}], the model needs [${shape.join(', ')}]`);
    if (!isFloat(head.dtype)) problems.push(`wrong dtype: ${from} is ${head.dtype}; F32, F16 and BF16 can be read`);
    if (withoutClassToken) exceptions.push({ tensor: name, use: 'used with a row of zeros in front', reason: 'it has no row for the class token' });
    return [{ name, shape, from, withoutClassToken }];
  });
  const known = new Set(wanted.map(({ name }) => name));
  for (const [name, from] of given) if (!known.has(name)) problems.push(`extra: ${name} [${tensors.get(from)!.shape.join(', ')}]`);
  if (problems.length > 0) {
    throw new CheckpointError(`does not hold a ${model.name} encoder (${model.width} wide, ${model.depth} blocks, patch ${model.patchSize}, ${model.imageSize} px):\n  ${problems.join('\n  ')}`, {
      where, fix: "Make the suite's model the checkpoint's own, or rename its tensors to timm's names (docs/checkpoints.md).", data: { problems },
    });
  }
  return { places, exceptions: grouped(exceptions) };
}

/** A whole encoder by other names than timm's is one finding, not as many as it has tensors. */
function refuseOtherNames(names: readonly string[], where: string): void {
  const [anchor, more] = ['patch_embed.proj.weight', 'see docs/checkpoints.md, From PyTorch.'];
  if (names.includes(anchor)) return;
  const prefixes = names.filter((name) => name.endsWith(`.${anchor}`)).map((name) => name.slice(0, -anchor.length));
  const [prefix] = prefixes;
  if (prefix !== undefined) {
    throw new CheckpointError(prefixes.length === 1 ? `its names begin with "${prefix}"` : `has several encoders, under ${prefixes.map((one) => `"${one}"`).join(', ')}`, {
      where, fix: `Write the encoder's tensors alone, without ${prefixes.length === 1 ? 'that' : 'what their names begin with'}: ${more}`, data: { prefixes },
    });
  }
  if (names.some((name) => /(^|\.)encoder\.layer\.0\.attention\.attention\.query\.weight$/.test(name))) {
    throw new CheckpointError("has the names of Hugging Face's transformers", { where, fix: `timm's are needed; timm has many of the same weights, such as vit_base_patch16_224.mae: ${more}` });
  }
}

/** The weights of the encoder that `findEncoder` found in a file. CheckpointError for values that are not finite. */
export function encoderWeights({ tensors }: SafetensorsFile, { places }: Fit, where: string): EncoderWeights {
  return new Map(places.map(({ name, shape, from, withoutClassToken }) => {
    const values = toFloat32(from, tensors.get(from)!, where);
    if (!withoutClassToken) return [name, { shape, data: values }];
    const data = new Float32Array(sizeOf(shape));
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

/** One group for each first part of a name, in the order in which they come. */
function grouped(exceptions: readonly Exception[]): readonly TensorGroup[] {
  const groups = new Map<string, TensorGroup>();
  for (const { tensor, use, reason } of exceptions) {
    const name = tensor.replace(/\..*/s, '.*');
    groups.set(name, { name, tensors: (groups.get(name)?.tensors ?? 0) + 1, use, reason });
  }
  return [...groups.values()];
}
