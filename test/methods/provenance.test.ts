import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../../src/files.js';
import { ibotSchema } from '../../src/methods/ibot/options.js';
import { ibot as plain } from '../../src/methods/ibot/spec.js';
import { methods } from '../../src/methods/index.js';
import { mixedaeSchema } from '../../src/methods/mixedae/options.js';
import { moceSchema } from '../../src/methods/moce/options.js';
import { leafOptions, withProvenance } from '../../src/methods/provenance.js';
import { createCodeReader, defaultDist } from '../../src/runner/code.js';

/** What an option's description may call its source: what was read, what is remembered, what is ours, what nobody knows. */
const sources = /\b(recalled|our choice|not found|not known|our reading|V-MoE|SwAV|MAE's|MAE has none|DINO|iBOT's code)\b|\((paper|reference)\b/i;
const own: readonly (readonly [string, JsonObject])[] = [['moce', moceSchema], ['mixedae', mixedaeSchema], ['ibot', ibotSchema]];

const property = (schema: Json, path: string): JsonObject =>
  path.split('.').reduce((at, key) => (at['properties'] as JsonObject)[key] as JsonObject, schema as JsonObject);

/** A schema without its texts: what validates options and fills in their defaults. */
const silent = (schema: Json): Json => {
  if (Array.isArray(schema)) return schema.map(silent);
  if (typeof schema !== 'object' || schema === null) return schema;
  return Object.fromEntries(Object.entries(schema as JsonObject).filter(([key, value]) => key !== 'description' || typeof value !== 'string').map(([key, value]) => [key, silent(value)]));
};

describe.each(own)('%s', (name, schema) => {
  const told = methods[name]!.schema;

  it('says of every option where its value or form is from', () => {
    const paths = leafOptions(told);
    expect(paths.length).toBeGreaterThan(20);
    expect(paths.filter((path) => !sources.test(property(told, path)['description'] as string))).toEqual([]);
  });

  it('changes nothing else of the options', () => {
    expect(silent(told)).toEqual(silent(schema));
    for (const path of leafOptions(told)) {
      const [now, before] = [told, schema].map((one) => property(one, path)['description'] as string);
      const [, text, off = ''] = /^(.*?)( Off unless given\.)?$/.exec(before!)!;
      expect(now!.startsWith(text!) && now!.endsWith(off), path).toBe(true);
    }
  });

  it('says it in no file that a key of a job is made from', async () => {
    const { files } = await createCodeReader(defaultDist()).codeOf(['jobs/pretrain.js', 'jobs/search.js', 'jobs/speed.js', ...methods[name]!.modules]);
    expect(files).toContain(`methods/${name}/options.js`);
    expect(files.filter((file) => file.includes('provenance'))).toEqual([]);
  });
});

it('MixedAE says that its batch, rate and warm-up were not found, MoCE so of all that is MAE\'s', () => {
  for (const option of ['base_lr', 'warmup_epochs']) expect(property(methods['mixedae']!.schema, option)['description']).toMatch(/MAE's.*not found/);
  for (const option of ['mask_ratio', 'decoder.depth', 'norm_pix_loss', 'base_lr', 'warmup_epochs', 'weight_decay', 'augment.flip']) {
    expect(property(methods['moce']!.schema, option)['description'], option).toMatch(/MAE's; MoCE's own was not found/);
    expect(property(methods['mae']!.schema, option)['description'], option).not.toContain('MoCE');
  }
});

it('what could not be read whole is said to be a re-statement, part by part, with what is a constant and no option', () => {
  expect(Object.values(methods).flatMap(({ name, restatement }) => (restatement === undefined ? [] : [[name, restatement.name]]))).toEqual([['moce', 'MoCE-style'], ['mixedae', 'MixedAE-style']]);
  for (const { found, recalled, ours } of [methods['moce']!.restatement!, methods['mixedae']!.restatement!]) {
    const all = [...found, ...recalled, ...ours];
    for (const parts of [found, recalled, ours]) expect(parts.length).toBeGreaterThan(2);
    expect(new Set(all).size).toBe(all.length);
    // Clauses of a list.
    for (const part of all) expect(part).not.toMatch(/\.$/);
  }
  const { moce, mixedae } = methods;
  expect(moce!.restatement!.recalled.join('; ')).toMatch(/top-1.*length 1/s);
  expect(moce!.restatement!.ours.join('; ')).toMatch(/betas 0\.9 and 0\.95.*one draw of noise.*mean, not a sum.*same masked input/s);
  expect(mixedae!.restatement!.recalled.join('; ')).toMatch(/betas 0\.9 and 0\.95/);
  expect(mixedae!.restatement!.ours.join('; ')).toMatch(/batch size, base rate and warm-up/);
});

it('an option that is not there is a mistake', () => {
  expect(() => withProvenance(plain, { options: { 'head.out_dims': 'Ours.' } })).toThrow('ibot has no option head.out_dims');
  expect(() => withProvenance(plain, { options: { head: 'Ours.' } })).toThrow('ibot has no option head');
});
