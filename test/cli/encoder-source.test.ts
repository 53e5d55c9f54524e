import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { planSuite } from '../../src/catalog.js';
import { encoderSourceLine, encoderSourceLines } from '../../src/cli/encoder-source-text.js';
import { storedRecord } from '../../src/cli/stored-record.js';
import { vitParams } from '../../src/models/vit.js';
import { html } from '../../src/report/html.js';
import { reportData } from '../../src/report/format.js';
import { openStore } from '../../src/runner/store.js';
import { writeSafetensors } from '../../src/training/safetensors.js';
import { temporaryFolder } from '../temporary-folder.js';
import { maskbench } from './command.js';

const model = { name: 'custom', imageSize: 32, patchSize: 8, width: 32, depth: 2, heads: 2, mlpRatio: 4 };
const folder = temporaryFolder();
const file = join(folder, 'theirs.safetensors');
const suite = join(folder, 'suite.yaml');
const line = `${file}: 30 tensors taken; passed over: head.* (2), decoder_blocks.* (24), mask_token (1)`;

beforeAll(async () => {
  const one = { shape: [1], data: new Float32Array(1) };
  const decoder = Array.from({ length: 2 }, (_, block) => Array.from({ length: 12 }, (_, at) => `decoder_blocks.${block}.part${at}`)).flat();
  await writeSafetensors(file, new Map([
    ...vitParams(model, 0).map(({ name, shape, value }) => [name, { shape, data: value }] as const),
    ...['head.weight', 'head.bias', ...decoder, 'mask_token'].map((name) => [name, one] as const),
  ]));
  writeFileSync(suite, `name: theirs
model: { name: custom, image_size: 32, patch_size: 8, width: 32, depth: 2, heads: 2 }
data: { emoji: { source: emoji } }
entries: [{ name: scratch, method: scratch }, { name: theirs, method: checkpoint, path: ${file} }]
tasks: [emoji/mammals]
protocols: { knn: {} }
`);
});

describe('what is taken of a checkpoint', () => {
  it('is in the plan, with what is passed over and why', async () => {
    const { code, stdout } = await maskbench(['plan', suite, '--no-measure']);
    expect(code).toBe(0);
    expect(stdout).toContain([
      'Checkpoints',
      '',
      `  theirs: ${file}`,
      '    30 tensors taken',
      '    passed over: head.* (2)',
      '      a classifier: no part of the encoder, each protocol trains its own',
      '    passed over: decoder_blocks.* (24), mask_token (1)',
      "      MAE's decoder: no part of the encoder",
      '', '',
    ].join('\n'));
    const json = JSON.parse((await maskbench(['plan', suite, '--no-measure', '--json'])).stdout) as { readonly encoderSources: unknown };
    expect(json.encoderSources).toMatchObject({ theirs: { file, taken: 30, exceptions: [{ name: 'head.*', tensors: 2, use: 'passed over' }, {}, {}] } });
  });

  it('is one line of a run, before its jobs', async () => {
    // A Python that takes its time: the run is still setting its runtime up when it is interrupted.
    const bin = join(folder, 'bin');
    mkdirSync(bin);
    for (const program of ['python3', 'pip', 'pip3']) {
      writeFileSync(join(bin, program), '#!/bin/sh\nexec sleep 3\n');
      chmodSync(join(bin, program), 0o755);
    }
    const { code, stderr } = await maskbench(['run', suite, '--out', join(folder, 'report')], { env: { PATH: `${bin}:${process.env['PATH'] ?? ''}` }, interruptAt: /theirs: .*\n/ });
    expect(code).toBe(130);
    expect(stderr).toContain(`theirs: ${line}\n`);
  });

  it('is in the report, beside the entry', async () => {
    const record = await storedRecord(await planSuite(suite), await openStore(join(folder, 'store')));
    expect(record.descriptions).toMatchObject({ 'entry/theirs': line });
    expect(record.descriptions).not.toHaveProperty('entry/scratch');
    expect(await html.render(reportData(record))).toContain(`with timm names. ${line}`);
  });

  it('is said of a file that has nothing else too, and how a tensor is used otherwise', () => {
    expect(encoderSourceLines('mine', { file: 'x', taken: 30, exceptions: [] })).toEqual(['mine: x', '  30 tensors taken, all that the file has']);
    const exceptions = [{ name: 'head.*', tensors: 2, use: 'passed over', reason: 'a' }, { name: 'fc_norm.*', tensors: 2, use: 'used as norm.*', reason: 'b' }];
    expect(encoderSourceLine({ file: 'x', taken: 30, exceptions })).toBe('x: 30 tensors taken; passed over: head.* (2); used as norm.*: fc_norm.* (2)');
  });
});
