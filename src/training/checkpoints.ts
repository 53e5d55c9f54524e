import { access } from 'node:fs/promises';
import { join } from 'node:path';
import type { Compiled, EngineInfo, ParamSpec } from '../engine/contract.js';
import { messageOf } from '../errors.js';
import { canonicalJson } from '../files.js';
import type { CurveState } from './curve.js';
import type { Mark, StepClock } from './step-clock.js';
import { readSafetensorsFile, toFloat32, type WeightTensor, writeSafetensors } from './safetensors.js';

/**
 * Half-finished training: one safetensors file with parameters, both moments, and the rest as metadata. One file, so that
 * replacing it is atomic.
 */
interface Checkpoint {
  /** Finished optimiser steps. */
  readonly step: number;
  readonly curve: CurveState;
  readonly carried: Carried;
  readonly clock: StepClock;
  /** Of the stops that were made. */
  readonly marks: readonly Mark[];
}

/** Values that a step hands to the next, by name. */
export type Carried = ReadonlyMap<string, Float32Array>;

/** What must be the same for training to go on bit-equal. */
export type Setting = Readonly<Record<string, string | number | boolean>>;

/** The setting of an engine: runtime, device, oneDNN and threads change single bits of results. */
export const engineSetting = (info: EngineInfo): Setting => ({
  mode: info.mode,
  device: info.device,
  device_name: info.deviceName,
  runtime: info.runtime,
  one_dnn: info.oneDnn,
  intra_op: info.threads.intraOp,
  inter_op: info.threads.interOp,
});

/** Seconds between checkpoints of a long job; the environment variable is for tests that interrupt short ones. */
export function checkpointSeconds(): number {
  const wanted = Number(process.env['MASKBENCH_CHECKPOINT_SECONDS'] ?? '15');
  return Number.isFinite(wanted) && wanted >= 0 ? wanted : 15;
}

export const checkpointFile = (folder: string): string => join(folder, 'checkpoint.safetensors');

/** Writes the state of a compiled model and its optimiser. */
export async function saveCheckpoint(folder: string, compiled: Compiled, params: readonly ParamSpec[], checkpoint: Checkpoint, setting: Setting): Promise<void> {
  const values = compiled.readParams();
  const optimizer = compiled.readOptimizer();
  const tensors = new Map<string, WeightTensor>();
  for (const { name, shape, trainable, ema } of params) {
    // What training never changes need not be saved: it comes from the seed.
    if (trainable || ema !== undefined) tensors.set(`param/${name}`, { shape, data: values.get(name)! });
    if (!trainable) continue;
    tensors.set(`m/${name}`, { shape, data: optimizer.m.get(name)! });
    tensors.set(`v/${name}`, { shape, data: optimizer.v.get(name)! });
  }
  for (const [name, data] of checkpoint.carried) tensors.set(`carried/${name}`, { shape: [data.length], data });
  const state = { schema: 1, step: checkpoint.step, optimizer_step: optimizer.step, curve: checkpoint.curve, clock: checkpoint.clock, marks: checkpoint.marks };
  await writeSafetensors(checkpointFile(folder), tensors, { state: JSON.stringify(state), setting: canonicalJson(setting) });
}

/**
 * Puts a saved state back into a compiled model. Null where there is none, or where it was made under another setting or
 * is damaged: then training starts anew, and `refused` is told why. `carried`: what a training begins with; its names count.
 */
export async function loadCheckpoint(folder: string, compiled: Compiled, params: readonly ParamSpec[], carried: Carried, setting: Setting, refused: (reason: string) => void): Promise<Checkpoint | null> {
  const path = checkpointFile(folder);
  try {
    await access(path);
  } catch {
    return null;
  }
  try {
    const { tensors, metadata } = await readSafetensorsFile(path);
    if (metadata['setting'] !== canonicalJson(setting)) {
      refused(`the checkpoint was made with ${metadata['setting'] ?? 'an unknown setting'}, this is ${canonicalJson(setting)}`);
      return null;
    }
    const state = JSON.parse(metadata['state'] ?? 'null') as Omit<Checkpoint, 'carried'> & { readonly optimizer_step: number };
    const stored = (name: string): Float32Array => {
      const tensor = tensors.get(name);
      if (tensor === undefined) throw new Error(`it has no ${name}`);
      return toFloat32(name, tensor, path);
    };
    const part = (prefix: 'param' | 'm' | 'v'): ReadonlyMap<string, Float32Array> =>
      new Map(params.filter(({ trainable, ema }) => trainable || (prefix === 'param' && ema !== undefined)).map(({ name }) => {
        return [name, stored(`${prefix}/${name}`)];
      }));
    const values = part('param');
    const moments = { step: state.optimizer_step, m: part('m'), v: part('v') };
    const handed = new Map(Array.from(carried.keys(), (name) => [name, stored(`carried/${name}`)] as const));
    compiled.writeParams(values);
    compiled.writeOptimizer(moments);
    return { step: state.step, curve: state.curve, clock: state.clock, marks: state.marks, carried: handed };
  } catch (error) {
    refused(`the checkpoint ${path} cannot be used (${messageOf(error)})`);
    compiled.reset();
    return null;
  }
}
