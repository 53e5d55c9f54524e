/**
 * The domains that concepts are held back for, each with one concept-recognition task of its name. `shares`: Unicode
 * subgroup -> part of its concepts. Domains for development share no concept with the reported ones.
 */
export interface Domain {
  readonly name: string;
  readonly development: boolean;
  readonly title: string;
  readonly shares: Readonly<Record<string, number>>;
}

const each = (share: number, ...subgroups: readonly string[]): Readonly<Record<string, number>> =>
  Object.fromEntries(subgroups.map((subgroup) => [subgroup, share]));

export const DOMAINS: readonly Domain[] = [
  { name: 'mammals', development: false, title: 'mammals', shares: each(0.5, 'animal-mammal') },
  { name: 'small-animals', development: false, title: 'birds, reptiles, sea animals and insects',
    shares: each(0.5, 'animal-bird', 'animal-reptile', 'animal-marine', 'animal-bug') },
  { name: 'plants-and-produce', development: false, title: 'flowers, trees, fruit and vegetables', shares: each(0.5, 'plant-flower', 'plant-other', 'food-fruit', 'food-vegetable') },
  { name: 'dishes', development: false, title: 'prepared food and sweets', shares: each(0.5, 'food-prepared', 'food-asian', 'food-sweet') },
  { name: 'clothing', development: false, title: 'clothing and what is worn', shares: each(0.6, 'clothing') },
  { name: 'transport', development: false, title: 'vehicles on land, on water and in the air', shares: each(0.4, 'transport-ground', 'transport-water', 'transport-air') },
  { name: 'places', development: false, title: 'buildings and places', shares: each(0.4, 'place-map', 'place-geographic', 'place-building', 'place-religious', 'place-other') },
  { name: 'stationery', development: false, title: 'things of the desk, books, money and mail', shares: each(0.35, 'office', 'writing', 'mail', 'book-paper', 'money') },
  { name: 'devices', development: false, title: 'devices and instruments', shares: each(0.42, 'phone', 'computer', 'light-video', 'sound', 'music', 'musical-instrument') },
  { name: 'dev-living', development: true, title: 'living things and food, for tuning',
    shares: each(0.12, 'animal-mammal', 'animal-bird', 'animal-marine', 'animal-bug', 'plant-flower', 'plant-other', 'food-fruit', 'food-vegetable', 'food-prepared', 'food-asian', 'food-sweet') },
  { name: 'dev-things', development: true, title: 'things of play and work, for tuning', shares: each(0.35, 'event', 'sport', 'game', 'tool', 'household', 'science', 'medical') },
];
