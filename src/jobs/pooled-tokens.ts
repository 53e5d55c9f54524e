import { join } from 'node:path';
import type { PreparedSet } from '../data/image-set.js';
import type { Engine } from '../engine/contract.js';
import { messageOf } from '../errors.js';
import { canonicalJson } from '../files.js';
import type { EncoderWeights } from '../methods/method.js';
import type { VitConfig } from '../models/config.js';
import type { Rows } from '../models/feature-rows.js';
import { evaluationBatch } from '../protocols/evaluation-batch.js';
import { extract } from '../protocols/extract.js';
import { type Pool, pools } from '../protocols/pool.js';
import type { JobContext } from '../runner/job.js';
import { engineSetting } from '../training/checkpoints.js';
import { readSafetensorsFile, toFloat32, writeSafetensors } from '../training/safetensors.js';

export interface Extraction {
  readonly engine: Engine;
  readonly model: VitConfig;
  readonly encoder: EncoderWeights;
  readonly set: PreparedSet;
  readonly indices: readonly number[];
  readonly pool: Pool;
}

/** Behind pictures with transparency: a drawn one would have its share in what is near to what. */
export const clusterBackground = 'white';

/** Batches of the encoder after which finished features are saved. Whole batches: an interruption changes no bit. */
const savedEvery = 8;

/**
 * An output of the encoder for images, after its norm, float32 [n, width], to compare images by. What an interrupted job has saved in its scratch
 * folder is taken from there, where it was made by an engine of the same setting; otherwise the job starts anew.
 */
export async function pooledTokens({ engine, model, encoder, set, indices, pool }: Extraction, context: JobContext): Promise<Rows> {
  const { width } = model;
  const data = new Float32Array(indices.length * width);
  const setting = canonicalJson(engineSetting(engine.info));
  const size = savedEvery * evaluationBatch(model);
  const progress = (done: number): void => { context.progress({ done, total: indices.length, unit: 'images' }); };
  let usable = true;
  for (let start = 0; start < indices.length; start += size) {
    const part = indices.slice(start, start + size);
    const path = join(context.scratch, `features-${start}.safetensors`);
    const saved: Float32Array | string | null = usable ? await savedFeatures(path, part.length * width, setting) : null;
    if (saved instanceof Float32Array) {
      data.set(saved, start * width);
      progress(start + part.length);
      continue;
    }
    usable = false;
    if (saved !== null) context.startAnew(saved);
    const features = poolOf(await extract(engine, model, encoder, set, part, context.phases, (done) => { progress(start + done); }, clusterBackground), pool, width);
    data.set(features, start * width);
    context.phases.enter('checkpoint');
    await writeSafetensors(path, new Map([['features', { shape: [part.length, width], data: features }]]), { setting });
    context.phases.enter('other');
  }
  return { data, rows: indices.length, width };
}

/** Features of an interrupted attempt, null where there are none, or why they cannot be used. */
async function savedFeatures(path: string, length: number, setting: string): Promise<Float32Array | string | null> {
  try {
    const { tensors, metadata } = await readSafetensorsFile(path);
    if (metadata['setting'] !== setting) return `features were saved with ${metadata['setting'] ?? 'an unknown setting'}, this is ${setting}`;
    const features = toFloat32('features', tensors.get('features')!, path);
    return features.length === length ? features : `${path} holds ${features.length} numbers where ${length} are needed`;
  } catch (error) {
    const missing = ((error as { readonly cause?: NodeJS.ErrnoException }).cause)?.code === 'ENOENT';
    return missing ? null : `${path} cannot be used (${messageOf(error)})`;
  }
}

/** One pooling of float32 [n, 2, width], which has all side by side. */
function poolOf(pooled: Float32Array, pool: Pool, width: number): Float32Array {
  const place = pools.indexOf(pool) * width;
  const row = pools.length * width;
  const out = new Float32Array(pooled.length / pools.length);
  for (let i = 0; i * width < out.length; i++) out.set(pooled.subarray(i * row + place, i * row + place + width), i * width);
  return out;
}
