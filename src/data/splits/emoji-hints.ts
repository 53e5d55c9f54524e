import type { SenseHint } from './sense-rule.js';

/** What a subgroup's names are: nouns with a hint, or `abstract` where they name no thing at all. */
export type SubgroupHint = { readonly kind: 'nouns'; readonly hint: SenseHint } | { readonly kind: 'abstract'; readonly why: string };

const nouns = (hint: SenseHint): SubgroupHint => ({ kind: 'nouns', hint });
const animals = nouns({ files: [['animal']], expect: 'B' });
const plants = nouns({ files: [['plant', 'food']], expect: 'B' });
const foods = nouns({ files: [['food', 'plant']], expect: 'B' });
const people = nouns({ files: [['person', 'tops']], expect: 'B' });
const things = nouns({ files: [['artifact'], ['communication', 'possession', 'object', 'substance']], expect: 'A' });
const nature = nouns({ files: [['object', 'phenomenon', 'artifact'], ['location', 'substance', 'event']], expect: 'A' });
const face: SubgroupHint = { kind: 'abstract', why: 'an expression or a gesture, no thing and no organism' };

/** What each Unicode subgroup of the emoji data set leads one to expect. */
export const EMOJI_HINTS: Readonly<Record<string, SubgroupHint>> = {
  'face-smiling': face, 'face-affection': face, 'face-tongue': face, 'face-hand': face, 'face-neutral-skeptical': face,
  'face-sleepy': face, 'face-unwell': face, 'face-hat': face, 'face-glasses': face, 'face-concerned': face,
  'face-negative': face, 'face-costume': face, 'cat-face': face, 'monkey-face': face, 'heart': face, 'emotion': face,
  'hand-fingers-open': face, 'hand-fingers-partial': face, 'hand-single-finger': face, 'hand-fingers-closed': face,
  'hands': face, 'hand-prop': face,
  'body-parts': nouns({ files: [['body']] }),
  'person': people, 'person-gesture': people, 'person-role': people, 'person-fantasy': people, 'person-activity': people,
  'person-sport': people, 'person-resting': people, 'family': people, 'person-symbol': people,
  'animal-mammal': animals, 'animal-bird': animals, 'animal-amphibian': animals, 'animal-reptile': animals,
  'animal-marine': animals, 'animal-bug': animals,
  'plant-flower': plants, 'plant-other': plants,
  'food-fruit': foods, 'food-vegetable': foods, 'food-prepared': foods, 'food-asian': foods, 'food-sweet': foods,
  // A drink or its vessel: which of the two the name says is left to WordNet.
  'drink': nouns({ files: [['food', 'artifact']] }),
  'dishware': things,
  'place-map': things, 'place-geographic': nature, 'place-building': things, 'place-religious': things, 'place-other': nature,
  'transport-ground': things, 'transport-water': things, 'transport-air': things, 'hotel': things, 'time': things,
  'sky-weather': nature, 'event': things, 'award-medal': things, 'sport': things, 'game': things, 'arts-crafts': things,
  'clothing': things, 'sound': things, 'music': things, 'musical-instrument': things, 'phone': things, 'computer': things,
  'light-video': things, 'book-paper': things, 'money': things, 'mail': things, 'writing': things, 'office': things,
  'lock': things, 'tool': things, 'science': things, 'medical': things, 'household': things, 'other-object': things,
};

/**
 * Names whose noun does not stand where the rule looks: pattern, the noun to look up, why. The first pattern that fits a
 * name (within the subgroups that start so) counts.
 */
export const EMOJI_NOUNS: readonly { readonly subgroups: string; readonly pattern: RegExp; readonly noun: string; readonly why: string }[] = [
  { subgroups: 'person', pattern: /^(?:man|men)\b/, noun: 'man', why: 'what the man does or wears comes after' },
  { subgroups: 'person', pattern: /^(?:woman|women)\b/, noun: 'woman', why: 'what the woman does or wears comes after' },
  { subgroups: 'person', pattern: /^(?:person|people)\b/, noun: 'person', why: 'what the person does or wears comes after' },
  { subgroups: 'family', pattern: /./, noun: 'person', why: 'the members of a couple or a family are pictured' },
  { subgroups: 'animal', pattern: / face$/, noun: '', why: 'the animal, of which the face is pictured' },
  { subgroups: 'time', pattern: /o’clock$|-thirty$/, noun: 'clock face', why: 'a clock face is pictured' },
];
