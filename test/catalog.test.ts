import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { planSuite, registries, suiteMembers } from '../src/catalog.js';
import type { Registries } from '../src/jobs/nodes/registries.js';
import type { MaskbenchError } from '../src/errors.js';
import type { JsonObject } from '../src/files.js';
import { loadSuite, readSuite } from '../src/suite/load.js';
import type { SuiteMembers } from '../src/suite/members.js';
import type { ResolvedSchedule } from '../src/suite/resolved.js';
import { optionTables } from '../src/suite/option-tables.js';
import { suiteSchema } from '../src/suite/schema.js';
import { check, withDefaults } from '../src/suite/validate.js';
import { temporaryFolder } from './temporary-folder.js';

let known: Registries;
let members: SuiteMembers;
beforeAll(async () => {
  known = await registries();
  members = suiteMembers(known);
});

it('the published schema is the one that files are checked with (else: npm run schema)', async () => {
  const published = JSON.parse(await readFile('schemas/suite.schema.json', 'utf8')) as unknown;
  expect(published).toEqual(suiteSchema(members));
});

it('docs/suites.md lists every option of every member as it is (else: npm run schema)', async () => {
  expect(await readFile('docs/suites.md', 'utf8')).toContain(optionTables(members));
});

it('members are registered under their own names', () => {
  const kinds: readonly Readonly<Record<string, { readonly name: string }>>[] = [known.sources, known.methods, known.protocols];
  for (const [name, member] of kinds.flatMap((kind) => Object.entries(kind))) expect(member.name).toBe(name);
});

/** A mapping without a default of its own: off until it is named. */
const isBlock = (property: JsonObject): boolean => property['type'] === 'object' && property['properties'] !== undefined && property['default'] === undefined;

/** Follows the model, which no default in a schema can say; and what is not there changes no key. */
const followsModel = new Set(['crops_from']);

describe('every member\'s options', () => {
  const all = (): readonly (readonly [string, JsonObject])[] =>
    [known.sources, known.methods, known.protocols].flatMap((kind) => Object.entries(kind)).map(([name, { schema }]) => [name, schema] as const);

  it('are an object that refuses unknown keys and has a default for all that is not required, but for what is off or follows the model', () => {
    for (const [name, schema] of all()) {
      expect([name, schema['type'], schema['additionalProperties']]).toEqual([name, 'object', false]);
      expect(check(schema, { no_such_key: 1 }, []).some(({ path }) => path[0] === 'no_such_key'), name).toBe(true);
      const required = (schema['required'] ?? []) as readonly string[];
      const given = Object.fromEntries(required.map((key) => [key, 'x']));
      const filled = withDefaults(schema, given);
      for (const [key, property] of Object.entries((schema['properties'] ?? {}) as Readonly<Record<string, JsonObject>>)) {
        if (isBlock(property)) {
          expect(Object.keys(filled), `${name}.${key} is off`).not.toContain(key);
          const named = withDefaults(schema, { ...given, [key]: {} });
          expect(Object.keys(named[key] as JsonObject).sort(), `${name}.${key}, where it is named`).toEqual(Object.keys(property['properties'] as JsonObject).sort());
          expect(check(schema, named), name).toEqual([]);
        } else if (followsModel.has(key)) {
          expect(Object.keys(filled), `${name}.${key} follows the model`).not.toContain(key);
        } else {
          expect(Object.keys(filled), `${name}.${key} has no default`).toContain(key);
        }
      }
      // Defaults must themselves be valid.
      expect(check(schema, filled), name).toEqual([]);
    }
  });
});

it('augmentations are off in a suite that does not name them', async () => {
  const { suite } = await loadSuite('suites/quick.yaml', members);
  const fineTune = suite.protocols.find(({ name }) => name === 'fine-tune')!;
  expect(Object.keys(fineTune.options['augment'] as JsonObject).sort()).toEqual(['background', 'crop_ratio', 'crop_scale', 'flip', 'interpolation', 'margin', 'shift']);
  expect(Object.keys(suite.entries.find(({ name }) => name === 'mae')!.options['augment'] as JsonObject)).toHaveLength(7);
});

const scheduleOf = ({ epochs, of, flops_of }: ResolvedSchedule): JsonObject =>
  flops_of === undefined ? { epochs, ...(of === null ? {} : { of }) } : { flops_of };

describe('the suites that come with the project', async () => {
  // Files of claims are no suites.
  const files = (await readdir('suites', { recursive: true })).filter((file) => file.endsWith('.yaml') && !file.startsWith('claims/')).map((file) => `suites/${file}`);

  it.each(files)('%s is right, names the schema, and resolves to itself', async (file) => {
    const { suite, text } = await loadSuite(file, members);
    const written = parse(text) as { readonly $schema?: string };
    expect(written.$schema).toMatch(/schemas\/suite\.schema\.json$/);
    // The defaults that are filled in are ones that could have been written: reading them again changes nothing.
    const again = {
      name: suite.name, title: suite.title, description: suite.description, seeds: suite.seeds, engine: suite.engine, model: suite.model,
      ...(suite.reference === null ? {} : { reference: suite.reference }),
      development: (parse(text) as { development?: boolean }).development ?? false,
      data: Object.fromEntries(suite.data.map(({ name, source, options }) => [name, { source, ...options }])),
      entries: suite.entries.map(({ pretrain, start, options, ...entry }) => ({
        ...entry, ...options, ...(start === null ? {} : { start }),
        // Its controls are entries by now.
        ...(members.methods[entry.method]?.startsFrom?.required === true ? { controls: [] } : {}),
        ...(pretrain === null ? {} : { ...pretrain, schedule: scheduleOf(pretrain.schedule) }),
      })),
      attention: suite.attention,
      ...(suite.snapshots === undefined ? {} : { snapshots: suite.snapshots }),
      // Without models it is the suite's own, which need not be a standard one.
      ...(suite.speed === null ? {} : { speed: { ...suite.speed, models: suite.speed.models.some(({ name }) => name === 'custom') ? undefined : suite.speed.models.map(({ name }) => name) } }),
      ...(suite.tasks.length === 0 ? {} : { tasks: suite.tasks.map(({ name }) => name) }),
      ...(suite.protocols.length === 0 ? {} : { protocols: Object.fromEntries(suite.protocols.map(({ name, options }) => [name, options])) }),
    };
    // What claims are taken from, and which of their names the suite lacks, is told beside them.
    expect(await readSuite(JSON.stringify(again), file, members)).toEqual({ ...suite, claims: undefined });
  });
});

it('says what a method finds wrong with its options in the suite, where the value stands, before anything runs', async () => {
  const text = (await readFile('suites/quick.yaml', 'utf8')).replace(/^(methods:.*\n {2}mae:.*)$/m, '$1\n    warmup_epochs: 4000').replace(/(warmup_epochs: 4000\n(?:.*\n)*?) {4}warmup_epochs: .*\n/, '$1');
  await expect(readSuite(text, 's.yaml', members)).rejects.toThrow(/methods\.mae\.warmup_epochs: of the entry mae: warmup_epochs 4000 is not shorter than the schedule's \d+ epochs/);
});

describe('files that a suite names', () => {
  const folder = temporaryFolder();
  const suiteOf = async (data: string, entries: string, more = ''): Promise<string> => {
    const file = join(folder, 'suite.yaml');
    await writeFile(file, `name: theirs
model: { name: custom, image_size: 32, patch_size: 8, width: 32, depth: 2, heads: 2 }
${data}
${entries}
protocols: { knn: {} }
${more}`);
    return file;
  };
  const failing = async (file: string): Promise<{ readonly kind: string; readonly text: readonly string[] }> => {
    const error = await planSuite(file).then(() => { throw new Error('it was planned'); }, (cause: unknown) => cause as MaskbenchError);
    return { kind: error.kind, text: error.describe().split('\n') };
  };

  it('and that are missing are all said, each with the place that names it', async () => {
    const file = await suiteOf(
      `data:\n  emoji: { source: emoji }\n  mine: { source: folder, path: ${folder}/mine }\n  unused: { source: folder, path: ${folder}/unused }`,
      `entries:\n  - { name: a, method: checkpoint, path: ${folder}/a.safetensors }\n  - { name: scratch, method: scratch }\n  - { name: b, method: checkpoint, path: ${folder}/b.safetensors }\ntasks: [mine/all, emoji/mammals]`,
    );
    const { kind, text } = await failing(file);
    expect(kind).toBe('data');
    expect(text.slice(0, 3)).toEqual([
      `${file}:5:33: data.mine.path: ${folder}/mine: there is no such folder`,
      expect.stringMatching(`^${file}:8:42: entries\\[0\\]\\.path: ${folder}/a\\.safetensors: `),
      expect.stringMatching(`^${file}:10:42: entries\\[2\\]\\.path: ${folder}/b\\.safetensors: `),
    ]);
    expect(text.slice(3).join('\n')).toMatch(/^ {2}The source 'folder' expects a tree [^]*\n {2}\S/);
    expect(text.join('\n')).not.toContain('unused');
  });

  it('one alone too, where a block shared by entries names it at the entry', async () => {
    const entries = 'entries: [{ name: a, method: checkpoint }, { name: scratch, method: scratch }]\ntasks: [emoji/mammals]';
    const { kind, text } = await failing(await suiteOf('data: { emoji: { source: emoji } }', entries, `methods: { checkpoint: { path: ${folder}/a.safetensors } }`));
    expect({ kind, text }).toEqual({ kind: 'checkpoint', text: [expect.stringMatching(`suite\\.yaml:4:11: entries\\[0\\]\\.path: ${folder}/a\\.safetensors: `), expect.stringMatching(/^ {2}\S/)] });
  });

  it('what no single file shows stands as it is', async () => {
    for (const part of ['train/x', 'test/x']) {
      await mkdir(join(folder, 'tree', part), { recursive: true });
      await writeFile(join(folder, 'tree', part, 'a.png'), '');
    }
    const file = await suiteOf(`data: { tree: { source: folder, path: ${folder}/tree } }`, 'pretrain: { batch_size: 4, subset: split-a, schedule: { epochs: 1 } }\nentries: [{ name: mae, method: mae, warmup_epochs: 0 }]\ntasks: [tree/all]');
    const { kind, text } = await failing(file);
    expect(kind).toBe('data');
    expect(text.join('\n')).not.toContain('suite.yaml:');
  });
});
