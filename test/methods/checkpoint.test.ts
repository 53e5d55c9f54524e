import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CheckpointError } from '../../src/errors.js';
import { sha256File } from '../../src/files.js';
import { methods } from '../../src/methods/index.js';
import type { EncoderMethod, EncoderWeights } from '../../src/methods/method.js';
import type { VitConfig } from '../../src/models/config.js';
import { vitParams } from '../../src/models/vit.js';
import { writeSafetensors } from '../../src/training/safetensors.js';

const model: VitConfig = { name: 'custom', imageSize: 16, patchSize: 8, width: 8, depth: 2, heads: 2, mlpRatio: 2 };
type Tensors = Map<string, { shape: readonly number[]; data: Float32Array }>;
const good = (): Tensors => new Map(vitParams(model, 4).map(({ name, shape, value }) => [name, { shape, data: value }]));
const zeros = (...shape: number[]) => ({ shape, data: new Float32Array(shape.reduce((product, n) => product * n, 1)) });

async function load(tensors: Tensors, lines: string[] = []): Promise<EncoderWeights> {
  const path = join(await mkdtemp(join(tmpdir(), 'maskbench-')), 'x.safetensors');
  await writeSafetensors(path, tensors);
  const method = (await methods['checkpoint']!.load()) as EncoderMethod;
  return method.encoder({ model, options: { path }, seed: 0, log: (line) => lines.push(line) });
}
async function refusal(tensors: Tensors): Promise<string> {
  const error = await load(tensors).then(() => null, (reason: unknown) => reason);
  expect(error).toBeInstanceOf(CheckpointError);
  return (error as CheckpointError).describe();
}

describe('a checkpoint', () => {
  it('comes in with every value', async () => {
    const lines: string[] = [];
    const read = await load(good(), lines);
    expect(new Map(read)).toEqual(good());
    expect(lines).toEqual([]);
  });

  it('every missing, extra and mis-shaped tensor is named, all at once', async () => {
    const tensors = good();
    tensors.delete('blocks.1.norm2.bias');
    tensors.delete('norm.weight');
    tensors.set('blocks.2.norm1.bias', zeros(8));
    tensors.set('blocks.0.mlp.fc1.weight', zeros(8, 16));
    const message = await refusal(tensors);
    expect(message).toContain('missing: blocks.1.norm2.bias [8]');
    expect(message).toContain('missing: norm.weight [8]');
    expect(message).toContain('extra: blocks.2.norm1.bias [8]');
    expect(message).toContain('wrong shape: blocks.0.mlp.fc1.weight is [8, 16], the model needs [16, 8]');
    expect(message.match(/^ {2}(missing|extra|wrong shape)/gm)).toHaveLength(4);
    expect(message).toMatch(/8 wide, 2 blocks, patch 8, 16 px/);
  });

  it('says which name of the file may be meant', async () => {
    const tensors = good();
    tensors.set('module.cls_token', tensors.get('cls_token')!);
    tensors.delete('cls_token');
    expect(await refusal(tensors)).toContain('missing: cls_token [1, 1, 8] (the file has module.cls_token)');
  });

  it('passes over classifiers and decoders, and says so', async () => {
    const lines: string[] = [];
    const tensors = good();
    for (const name of ['head.weight', 'head.bias', 'mask_token', 'decoder_pos_embed', 'decoder_embed.weight', 'decoder_blocks.0.norm1.bias']) tensors.set(name, zeros(3));
    expect(new Map(await load(tensors, lines))).toEqual(good());
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain('head.weight, head.bias, mask_token, decoder_pos_embed, decoder_embed.weight, decoder_blocks.0.norm1.bias');
  });

  it('takes fc_norm for a norm that is missing, and not for one that is there', async () => {
    const lines: string[] = [];
    const only = good();
    for (const part of ['weight', 'bias']) {
      only.set(`fc_norm.${part}`, only.get(`norm.${part}`)!);
      only.delete(`norm.${part}`);
    }
    expect(new Map(await load(only, lines))).toEqual(good());
    expect(lines.join()).toContain('fc_norm.weight is used as norm.weight');
    const both = good();
    both.set('fc_norm.weight', zeros(8));
    expect((await load(both, lines)).get('norm.weight')!.data[0]).toBe(1);
    expect(lines.join()).toContain('passed over fc_norm.weight');
  });

  it('takes positions without the class token\'s row or the leading axis', async () => {
    const lines: string[] = [];
    const positions = good().get('pos_embed')!.data;
    const flat = good();
    flat.set('pos_embed', { shape: [5, 8], data: positions });
    expect((await load(flat, lines)).get('pos_embed')).toEqual({ shape: [1, 5, 8], data: positions });
    const patchesOnly = good();
    patchesOnly.set('pos_embed', { shape: [1, 4, 8], data: positions.slice(8) });
    expect((await load(patchesOnly, lines)).get('pos_embed')).toEqual({ shape: [1, 5, 8], data: positions });
    expect(lines.join()).toContain('no row for the class token');
    const other = good();
    other.set('pos_embed', zeros(1, 17, 8));
    expect(await refusal(other)).toContain('wrong shape: pos_embed is [1, 17, 8], the model needs [1, 5, 8]');
  });

  it('is refused with a value that is not finite', async () => {
    const tensors = good();
    tensors.set('norm.bias', { shape: [8], data: Float32Array.of(0, 0, Infinity, 0, 0, 0, 0, 0) });
    expect(await refusal(tensors)).toContain('tensor norm.bias holds Infinity at position 2');
  });

  it('enters the key by content, and a missing file is said when the suite is planned', async () => {
    const path = join(await mkdtemp(join(tmpdir(), 'maskbench-')), 'x.safetensors');
    await writeSafetensors(path, good());
    expect(await methods['checkpoint']!.fingerprint!({ path })).toBe(await sha256File(path));
    await expect(methods['checkpoint']!.fingerprint!({ path: '/nowhere.safetensors' })).rejects.toThrow(CheckpointError);
  });
});
