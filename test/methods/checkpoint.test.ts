import { readFile, writeFile } from 'node:fs/promises';
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
import { temporaryFolder } from '../temporary-folder.js';

const model: VitConfig = { name: 'custom', imageSize: 16, patchSize: 8, width: 8, depth: 2, heads: 2, mlpRatio: 2 };
type Tensors = Map<string, { shape: readonly number[]; data: Float32Array }>;
const good = (): Tensors => new Map(vitParams(model, 4).map(({ name, shape, value }) => [name, { shape, data: value }]));
const zeros = (...shape: number[]) => ({ shape, data: new Float32Array(shape.reduce((product, n) => product * n, 1)) });

async function written(tensors: Tensors): Promise<string> {
  const path = join(temporaryFolder(), 'x.safetensors');
  await writeSafetensors(path, tensors);
  return path;
}
const fingerprint = methods['checkpoint']!.fingerprint!;
const sourceOf = methods['checkpoint']!.encoderSource!;

async function load(tensors: Tensors, lines: string[] = []): Promise<EncoderWeights> {
  const path = await written(tensors);
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

  it('that was trained with other channel statistics gives the same tokens from our pixels', async () => {
    const path = await written(good());
    const method = (await methods['checkpoint']!.load()) as EncoderMethod;
    const [mean, std] = [[0.5, 0.4, 0.3], [0.5, 0.25, 0.125]] as const;
    const read = await method.encoder({ model, options: { path, mean: [...mean], std: [...std] }, seed: 0 });
    // One patch of 8 x 8 pixels, channel first as the kernel has it; the embedding worked out in float64.
    const patch = Float64Array.from({ length: 3 * 64 }, (_, i) => ((i * 37) % 101) / 101);
    const embed = (tensors: EncoderWeights, m: readonly number[], s: readonly number[]): readonly number[] => {
      const [kernel, bias] = [tensors.get('patch_embed.proj.weight')!.data, tensors.get('patch_embed.proj.bias')!.data];
      return Array.from(bias, (value, out) => patch.reduce((sum, pixel, i) => sum + (kernel[out * 192 + i]! * (pixel - m[Math.floor(i / 64)]!)) / s[Math.floor(i / 64)]!, value));
    };
    const theirs = embed(good(), mean, std);
    embed(read, [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]).forEach((value, out) => { expect(value).toBeCloseTo(theirs[out]!, 5); });
    expect(Math.abs(embed(good(), [0.485, 0.456, 0.406], [0.229, 0.224, 0.225])[0]! - theirs[0]!)).toBeGreaterThan(0.01);
    const others = (tensors: EncoderWeights) => [...tensors].filter(([name]) => !name.startsWith('patch_embed.'));
    expect(others(read)).toEqual(others(good()));
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

  it('with other names throughout is one finding', async () => {
    const under = (...prefixes: readonly string[]): Tensors => new Map(prefixes.flatMap((prefix) => [...good()].map(([name, tensor]) => [`${prefix}${name}`, tensor])));
    expect(await refusal(under('module.'))).toMatch(/x\.safetensors: its names begin with "module\."\n {2}Write the encoder's tensors alone, without that: see docs\/checkpoints\.md, From PyTorch\.$/);
    expect(await refusal(under('student.backbone.', 'teacher.backbone.'))).toMatch(/: has several encoders, under "student\.backbone\.", "teacher\.backbone\."\n {2}Write the encoder's tensors alone, without what their names begin with: /);
    const others: Tensors = new Map([['vit.embeddings.cls_token', zeros(1, 1, 8)], ['vit.encoder.layer.0.attention.attention.query.weight', zeros(8, 8)]]);
    expect(await refusal(others)).toMatch(/: has the names of Hugging Face's transformers\n {2}timm's are needed; /);
  });

  it('passes over classifiers and decoders, and says so, in the plan by groups', async () => {
    const lines: string[] = [];
    const tensors = good();
    for (const name of ['head.weight', 'head.bias', 'fc.weight', 'mask_token', 'decoder_pos_embed', 'decoder_embed.weight', 'decoder_blocks.0.norm1.bias', 'decoder_blocks.1.norm1.bias']) tensors.set(name, zeros(3));
    expect(new Map(await load(tensors, lines))).toEqual(good());
    expect(lines).toHaveLength(6);
    expect(lines[0]).toMatch(/x\.safetensors: head\.\* \(2\) passed over: a classifier/);
    const path = await written(tensors);
    const { exceptions, ...rest } = await sourceOf({ path }, model);
    expect(rest).toEqual({ file: path, taken: good().size });
    expect(exceptions.map(({ name, tensors: count, use }) => [name, count, use])).toEqual([
      ['head.*', 2, 'passed over'], ['fc.*', 1, 'passed over'], ['mask_token', 1, 'passed over'], ['decoder_pos_embed', 1, 'passed over'],
      ['decoder_embed.*', 1, 'passed over'], ['decoder_blocks.*', 2, 'passed over'],
    ]);
    expect(exceptions[0]!.reason).toContain('each protocol trains its own');
    expect(exceptions[5]!.reason).toBe("MAE's decoder: no part of the encoder");
  });

  it('takes fc_norm for a norm that is missing, and not for one that is there', async () => {
    const lines: string[] = [];
    const only = good();
    for (const part of ['weight', 'bias']) {
      only.set(`fc_norm.${part}`, only.get(`norm.${part}`)!);
      only.delete(`norm.${part}`);
    }
    expect(new Map(await load(only, lines))).toEqual(good());
    expect(lines).toEqual([expect.stringMatching(/: fc_norm\.\* \(2\) used as norm\.\*: the file has no norm\.\*.*`pool: mean`/)]);
    const both = good();
    both.set('fc_norm.weight', zeros(8));
    expect((await load(both, lines)).get('norm.weight')!.data[0]).toBe(1);
    expect(lines[1]).toMatch(/: fc_norm\.\* \(1\) passed over: the file has norm\.\*/);
    const half = good();
    half.set('fc_norm.weight', half.get('norm.weight')!);
    half.delete('norm.weight');
    expect(await refusal(half)).toContain('missing: norm.weight [8]');
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
    const path = join(temporaryFolder(), 'x.safetensors');
    await writeSafetensors(path, good());
    expect(await fingerprint({ path }, model)).toBe(await sha256File(path));
    await expect(fingerprint({ path: '/nowhere.safetensors' }, model)).rejects.toMatchObject({ kind: 'checkpoint', message: 'there is no such file', where: '/nowhere.safetensors' });
  });

  it('that does not fit is refused when the suite is planned, by its header alone, in the words of the job', async () => {
    const tensors = good();
    tensors.delete('norm.weight');
    tensors.set('blocks.0.mlp.fc1.weight', zeros(8, 16));
    tensors.set('blocks.7.norm1.bias', zeros(8));
    const path = await written(tensors);
    const planned = await fingerprint({ path }, model).then(() => null, (reason: unknown) => reason);
    expect(planned).toBeInstanceOf(CheckpointError);
    expect((planned as CheckpointError).describe()).toBe((await refusal(tensors)).replace(/^\S+: does not/, `${path}: does not`));
    expect((planned as CheckpointError).data['problems']).toHaveLength(3);
  });

  it.each([
    ['text', Buffer.from('a pickle, perhaps'), /is no safetensors file/],
    ['nothing', Buffer.alloc(0), /is no safetensors file: 0 bytes/],
    ['a file that was cut short', null, /is cut short/],
  ])('%s instead of a safetensors file is refused when the suite is planned', async (_, content, message) => {
    const path = await written(good());
    const whole = await readFile(path);
    await writeFile(path, content ?? whole.subarray(0, whole.length - 4));
    await expect(fingerprint({ path }, model)).rejects.toThrow(message);
    await expect(fingerprint({ path }, model)).rejects.toThrow(CheckpointError);
  });

  it.each([
    ['a zip archive', 'PK\x03\x04\x00\x00\x08\x08\x00\x00', 'docs/checkpoints.md has the two lines'],
    ['a Python pickle', '\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P', 'docs/checkpoints.md has the two lines'],
    ['a Git LFS pointer', 'version https://git-lfs.github.com/spec/v1\noid sha256:', 'git lfs pull'],
    ['a web page', '\n<!DOCTYPE html><html>', 'Download the file itself'],
  ])('%s instead of a safetensors file is called by its name', async (what, start, fix) => {
    const path = join(temporaryFolder(), 'x.safetensors');
    await writeFile(path, Buffer.concat([Buffer.from(start, 'latin1'), Buffer.alloc(200)]));
    await expect(fingerprint({ path }, model)).rejects.toMatchObject({ kind: 'checkpoint', where: path, message: expect.stringContaining(what) as string, fix: expect.stringContaining(fix) as string });
  });

  it('whose header has the length that a pickle starts with is still a safetensors file', async () => {
    // 0x0280 bytes: the file begins 80 02.
    const path = await written(good());
    const whole = await readFile(path);
    const length = Number(whole.readBigUInt64LE());
    const wanted = 0x0280 + 0x10000 * Math.ceil((length - 0x0280) / 0x10000);
    const head = Buffer.alloc(8);
    head.writeBigUInt64LE(BigInt(wanted));
    await writeFile(path, Buffer.concat([head, whole.subarray(8, 8 + length), Buffer.alloc(wanted - length, ' '), whole.subarray(8 + length)]));
    expect((await readFile(path)).subarray(0, 2)).toEqual(Buffer.from([0x80, 0x02]));
    expect((await sourceOf({ path }, model)).taken).toBe(good().size);
  });

  it('of a dtype that cannot be read is refused when the suite is planned', async () => {
    const path = await written(good());
    const bytes = (await readFile(path)).toString('latin1').replace('"dtype":"F32"', '"dtype":"I32"');
    await writeFile(path, bytes, 'latin1');
    await expect(fingerprint({ path }, model)).rejects.toThrow('wrong dtype: cls_token is I32');
  });

  it('a folder is no checkpoint', async () => {
    await expect(fingerprint({ path: tmpdir() }, model)).rejects.toThrow(/^cannot be read: EISDIR/);
  });

  it('that changed after the plan was made is refused by the job', async () => {
    const path = await written(good());
    const planned = await fingerprint({ path }, model);
    const method = (await methods['checkpoint']!.load()) as EncoderMethod;
    expect((await method.encoder({ model, options: { path }, seed: 0, fingerprint: planned })).size).toBe(good().size);
    const other = good();
    other.get('norm.bias')!.data[0] = 1;
    await writeSafetensors(path, other);
    await expect(method.encoder({ model, options: { path }, seed: 0, fingerprint: planned })).rejects.toThrow('has changed since the plan was made');
  });
});
