import type { ImageIndex, ImageRecord, Labelled, Side, ClassificationTask } from '../../image-set.js';
import type { TaskSummary } from '../../source.js';
import { unknownTask } from '../unknown-task.js';
import { sideOfMost } from '../task-side.js';
import { DOMAINS } from './domains.js';
import type { Use } from './downstream.js';
import { foldOf } from './families.js';
import { allImages } from './records.js';

/**
 * What a task asks: the concept, or its Unicode subgroup. Tasks on subgroups pool the concepts of several domains, and with
 * them what shows one of those under another name (cow face beside cow), which is not pre-trained on either.
 */
export interface EmojiTask {
  readonly name: string;
  readonly development: boolean;
  readonly asks: 'concept' | 'subgroup';
  readonly domains: readonly string[];
  readonly description: string;
}

/** A subgroup with fewer downstream concepts, those under another name not counted, is no class of a subgroup task. */
const MIN_CONCEPTS = 4;

export const EMOJI_TASKS: readonly EmojiTask[] = [
  ...DOMAINS.map(({ name, development, title }): EmojiTask => ({ name, development, asks: 'concept', domains: [name], description: `Which of the concepts: ${title}` })),
  { name: 'living-kinds', development: false, asks: 'subgroup', domains: ['mammals', 'small-animals', 'plants-and-produce', 'dishes'], description: 'Which Unicode subgroup: living things and food' },
  { name: 'thing-kinds', development: false, asks: 'subgroup', domains: ['clothing', 'transport', 'places', 'stationery', 'devices'], description: 'Which Unicode subgroup: things and places' },
];

export const taskSummaries: readonly TaskSummary[] = EMOJI_TASKS.map(({ name, development, description }) => ({ name, kind: 'classification', development, description }));

let uses: ReadonlyMap<string, Use> | undefined;
const useOf = (id: string): Use | undefined => (uses ??= new Map(allImages().map(({ record, use }) => [record.id, use]))).get(id);

/**
 * One task at one seed. Images of the two test families test, those of the validation family validate, those of the other
 * three train; none of them shows a concept that is pre-trained on.
 */
export function emojiTask(index: ImageIndex, name: string, seed: number): ClassificationTask {
  const task = EMOJI_TASKS.find((candidate) => candidate.name === name);
  if (task === undefined) throw unknownTask('emoji', name, EMOJI_TASKS.map((candidate) => candidate.name));
  const classOf = (record: ImageRecord): string => (task.asks === 'concept' ? record.label : record.group ?? '');
  const inDomain = index.records.flatMap((record, at) => {
    const use = useOf(record.id);
    const isIn = use !== undefined && use.kind !== 'pretraining' && task.domains.includes(use.domain.name);
    return isIn && (use.kind === 'downstream' || task.asks === 'subgroup') ? [{ record, at, kind: use.kind }] : [];
  });
  const concepts = new Map<string, Map<string, Side | null>>();
  for (const { record, kind } of inDomain) {
    if (kind !== 'downstream') continue;
    const members = concepts.get(classOf(record)) ?? new Map<string, Side | null>();
    members.set(record.label, record.side);
    concepts.set(classOf(record), members);
  }
  const classes = [...concepts].filter(([, members]) => task.asks === 'concept' || members.size >= MIN_CONCEPTS).map(([label]) => label);
  const labelOf = new Map(classes.map((label, at) => [label, at]));
  const fold = foldOf(seed);
  const drawnBy = (families: readonly string[]): Labelled => {
    const chosen = inDomain.filter(({ record }) => labelOf.has(classOf(record)) && families.includes(record.domain ?? ''));
    return { indices: chosen.map(({ at }) => at), labels: chosen.map(({ record }) => labelOf.get(classOf(record)) ?? 0) };
  };
  return {
    name: task.name,
    kind: 'classification',
    primary: 'top1',
    classes,
    side: sideOfMost(classes.map((label) => sideOfMost([...(concepts.get(label)?.values() ?? [])]))),
    train: drawnBy(fold.train),
    validation: drawnBy([fold.validation]),
    test: drawnBy(fold.test),
    note: `Tested on the artists ${fold.test.join(' and ')}, validated on ${fold.validation}; no concept in it is among this set's pre-training images.`,
  };
}
