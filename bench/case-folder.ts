import { createWriteStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { join } from 'node:path';
import type { HostArray } from '../src/engine/contract.js';
import type { Case } from './cases.js';
import { checkSteps } from './contestant/messages.js';
import { workload } from './contestant/workload.js';

/** Where a tensor lies in `case.bin`: little-endian, row-major. */
interface Stored { readonly type: 'uint8' | 'int32' | 'float32'; readonly shape: readonly number[]; readonly offset: number }

/**
 * Writes a case for PyTorch: `case.json` with the model, the optimiser and each parameter's settings, and `case.bin` with the
 * very values and batches that the engine's processes run.
 */
export async function writeCase(folder: string, one: Case): Promise<void> {
  const { spec, function: name, batches, scalars } = workload(one);
  const file = createWriteStream(join(folder, 'case.bin'));
  let offset = 0;
  const store = async (shape: readonly number[], data: HostArray): Promise<Stored> => {
    const at = offset;
    offset += data.byteLength;
    if (!file.write(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))) await once(file, 'drain');
    return { type: data instanceof Uint8Array ? 'uint8' : data instanceof Int32Array ? 'int32' : 'float32', shape, offset: at };
  };
  const params = [];
  for (const { name: param, shape, value, trainable, decay, lrScale } of spec.params) params.push({ name: param, trainable, decay, lrScale, ...await store(shape, value) });
  const stored = [];
  for (const batch of batches) {
    const inputs: Record<string, Stored> = {};
    for (const [input, data] of Object.entries(batch)) inputs[input] = await store(spec.functions[name]!.inputs[input]!.shape, data);
    stored.push(inputs);
  }
  file.end();
  await once(file, 'finish');
  const { step, model, decoder, batch, classes } = one;
  await writeFile(join(folder, 'case.json'), JSON.stringify({ step, model, decoder, batch, classes, checkSteps, optimizer: spec.optimizer ?? null, scalars, params, batches: stored }));
}
