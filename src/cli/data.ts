import { Command } from 'commander';
import type { ImageIndex, Side } from '../data/image-set.js';
import type { DataSource } from '../data/source.js';
import { DataError, UsageError } from '../errors.js';
import type { Json, JsonObject } from '../files.js';
import { largestSeed } from '../suite/seeds.js';
import { dataExportCommand } from './data-export.js';
import { printResult, textTable } from './output.js';
import { optionSchemas, optionsOf, sourceOf } from './source-options.js';
import { wholeNumber } from './whole-number.js';

const exitCodes = `
Exit codes:
  0  printed
  2  unknown source or option, or data that is missing`;

interface ShowFlags { readonly split?: true; readonly tasks?: true; readonly duplicates?: true; readonly option?: readonly string[]; readonly seed: number; readonly json?: true }

/** `maskbench data list|show|export`. */
export function dataCommand(): Command {
  const data = new Command('data').description('list data sources, show what is in one, export one').addHelpText('after', `
Examples:
  maskbench data list
  maskbench data show emoji --split
  maskbench data show cifar100 --option path=cifar100/cifar-100-binary --split
  maskbench data export emoji_scenes --out scenes
${exitCodes}`);
  data.addCommand(listCommand());
  data.addCommand(showCommand());
  data.addCommand(dataExportCommand());
  return data;
}

function listCommand(): Command {
  return new Command('list')
    .description('the data sources that a suite can name')
    .option('--json', 'print JSON')
    .addHelpText('after', `
Example:
  maskbench data list
${exitCodes}`)
    .action(async (flags: { readonly json?: true }) => {
      const { dataSources } = await import('../data/sources/index.js');
      const sources = await Promise.all(Object.entries(dataSources).map(async ([name, load]) => ({ name, options: Object.keys(optionSchemas(await load())) })));
      printResult(flags.json, sources, () => textTable([['source', 'options'], ...sources.map(({ name, options }) => [name, options.join(', ') || '-'])]));
    });
}

function showCommand(): Command {
  return new Command('show')
    .description('what is in a data source: images, sides, tasks')
    .argument('<source>', 'name of the source')
    .option('--split', 'the side of every class in the WordNet split, with the reason; unresolved classes last; what the subsets for pre-training are made of')
    .option('--tasks', 'the tasks with their sides and sizes')
    .option('--duplicates', 'near-duplicate images that are left out')
    .option('--option <key=value...>', 'options of the source, as in a suite file')
    .option('--seed <n>', 'seed whose folds and subsets are counted', wholeNumber(largestSeed, 0), 0)
    .option('--json', 'print JSON')
    .addHelpText('after', `
Examples:
  maskbench data show emoji --split
  maskbench data show emoji --tasks --seed 3
  maskbench data show folder --option path=flowers17 'sides={01_daffodil: B}'
${exitCodes}`)
    .action(show);
}

async function show(name: string, flags: ShowFlags): Promise<void> {
  const source = await sourceOf(name);
  const options = await optionsOf(source, flags.option ?? []);
  const index = await source.index(options);
  const parts: { readonly key: string; readonly value: Json; readonly text: () => string }[] = [];
  if (flags.split === true) parts.push(await splitPart(source, options, index, flags.seed));
  if (flags.tasks === true) parts.push(await tasksPart(source, options, index, flags.seed));
  if (flags.duplicates === true) parts.push(await duplicatesPart(source));
  if (parts.length === 0) parts.push(await overviewPart(source, options, index, flags.seed));
  printResult(flags.json, { source: name, ...Object.fromEntries(parts.map(({ key, value }) => [key, value])) }, () => parts.map(({ text }) => text()).join('\n\n'));
}

const sideText = (side: Side | 'mixed' | null): string => side ?? 'unresolved';

/** Classes and images a side. */
const sideCounts = (index: ImageIndex): readonly { readonly side: string; readonly classes: number; readonly images: number }[] =>
  (['A', 'B', null] as const).map((side) => {
    const records = index.records.filter((record) => record.side === side);
    return { side: sideText(side), classes: new Set(records.map(({ label }) => label)).size, images: records.length };
  });

/** `groups` is empty where the source has none. */
type SubsetCounts = Readonly<{ subset: string; images: number; classes: number; groups: readonly Readonly<{ name: string; images: number }>[] }>;

const subsetsOf = (source: DataSource, options: JsonObject, index: ImageIndex, seed: number): readonly SubsetCounts[] =>
  (['full', 'split-a', 'split-b', 'random'] as const).flatMap((subset) => {
    try {
      const { indices, classes, groups = [] } = source.pretrain(index, options, subset, seed);
      return [{ subset, images: indices.length, classes, groups: groups.map(({ name, images }) => ({ name, images })) }];
    } catch (error) {
      // A source may lack a subset (unlabelled images have no sides); it is then not listed.
      if (error instanceof DataError) return [];
      throw error;
    }
  });

/** Groups down, subsets across, images in the cells. Null where the source has no groups. */
function groupTable(subsets: readonly SubsetCounts[], seed: number): string | null {
  const names = [...new Set(subsets.flatMap(({ groups }) => groups.map(({ name }) => name)))];
  if (names.length === 0) return null;
  return textTable([
    [`group (images, seed ${seed})`, ...subsets.map(({ subset }) => subset)],
    ...names.map((name) => [name, ...subsets.map(({ groups }) => String(groups.find((group) => group.name === name)?.images ?? 0))]),
    ['all', ...subsets.map(({ images }) => String(images))],
  ]);
}

async function overviewPart(source: DataSource, options: JsonObject, index: ImageIndex, seed: number) {
  const tasks = await source.tasks(options);
  const subsets = subsetsOf(source, options, index, seed).map(({ subset, images, classes }) => ({ subset, images, classes }));
  const sides = sideCounts(index);
  const value = { images: index.records.length, sides, subsets, tasks: tasks.map(({ name }) => name), credits: source.credits };
  return {
    key: 'overview', value,
    text: () => [
      `${source.name}: ${index.records.length} images, ${tasks.length} tasks`,
      textTable([['side', 'classes', 'images'], ...sides.map(({ side, classes, images }) => [side, String(classes), String(images)])]),
      textTable([[`pre-training (seed ${seed})`, 'classes', 'images'], ...subsets.map(({ subset, classes, images }) => [subset, String(classes), String(images)])]),
      `Tasks: ${tasks.map(({ name }) => name).join(', ') || 'none'}`,
      source.credits.join('\n'),
    ].join('\n\n'),
  };
}

async function splitPart(source: DataSource, options: JsonObject, index: ImageIndex, seed: number) {
  const { reasonsOf } = await import('../data/splits/reasons.js');
  const reasons = new Map(reasonsOf(source.name).map((reason) => [reason.label, reason]));
  const images = new Map<string, { side: Side | null; group: string | null; count: number }>();
  for (const { label, side, group } of index.records) {
    const known = images.get(label);
    if (known === undefined) images.set(label, { side, group, count: 1 });
    else known.count++;
  }
  const rank = { A: 0, B: 1, unresolved: 2 } as const;
  const classes = [...images]
    .map(([label, { side, group, count }]) => ({ label, group, side, images: count, sense: reasons.get(label)?.sense ?? null, reason: reasons.get(label)?.reason ?? '' }))
    .sort((a, b) => rank[a.side ?? 'unresolved'] - rank[b.side ?? 'unresolved']);
  const sides = sideCounts(index);
  const subsets = subsetsOf(source, options, index, seed);
  const groups = groupTable(subsets, seed);
  return {
    key: 'split', value: { sides, subsets, classes },
    text: () => [
      ...classes.map(({ label, group, side, sense, reason }) => `${sideText(side).padEnd(10)}  ${label}${group === null ? '' : ` (${group})`}  ${[sense, reason].filter((part) => part !== null && part !== '').join('  ')}`.trimEnd()),
      '',
      ...sides.map(({ side, classes: n, images: m }) => `${side}: ${n} classes, ${m} images`),
      ...(groups === null ? [] : ['', groups]),
    ].join('\n'),
  };
}

async function tasksPart(source: DataSource, options: JsonObject, index: ImageIndex, seed: number) {
  const tasks = (await source.tasks(options)).map(({ name, development, description }) => {
    const view = source.task(index, options, name, seed);
    return {
      name, development, description, side: view.side, classes: view.classes,
      train: view.train.indices.length, validation: view.validation.indices.length, test: view.test.indices.length, note: view.note,
    };
  });
  return {
    key: 'tasks', value: { seed, tasks },
    text: () => [
      textTable([
        ['task', 'side', 'classes', 'train', 'validation', 'test', 'use'],
        ...tasks.map((task) => [task.name, task.side, String(task.classes.length), String(task.train), String(task.validation), String(task.test), task.development ? 'development' : 'reported']),
      ]),
      '',
      ...tasks.map(({ name, description }) => `${name}: ${description}`),
      '',
      ...new Set(tasks.map(({ note }) => `Seed ${seed}: ${note}`)),
    ].join('\n'),
  };
}

async function duplicatesPart(source: DataSource) {
  if (source.name !== 'emoji') throw new UsageError(`The source '${source.name}' keeps no list of near-duplicates`, { fix: 'Only emoji has one: maskbench data show emoji --duplicates.' });
  const { namedDuplicates } = await import('../data/sources/emoji/duplicates-report.js');
  const removed = namedDuplicates();
  return {
    key: 'duplicates', value: removed.map((each) => ({ ...each })),
    text: () => [
      ...removed.map(({ id, name, like, likeName, rule, distance }) => `${id} (${name}) is like ${like} (${likeName}): ${rule}, ${distance}`),
      '',
      `${removed.length} images left out`,
    ].join('\n'),
  };
}
