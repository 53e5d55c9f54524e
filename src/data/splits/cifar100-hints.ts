import type { SenseHint } from './sense-rule.js';

/** CIFAR-100's superclasses with their labels, and what each leads one to expect of a sense. */
export const CIFAR100_SUPERCLASSES: readonly { readonly superclass: string; readonly labels: readonly string[]; readonly hint: SenseHint }[] = [
  { superclass: 'aquatic_mammals', labels: ['beaver', 'dolphin', 'otter', 'seal', 'whale'], hint: { files: [['animal']], expect: 'B' } },
  { superclass: 'fish', labels: ['aquarium_fish', 'flatfish', 'ray', 'shark', 'trout'], hint: { files: [['animal']], expect: 'B' } },
  { superclass: 'flowers', labels: ['orchid', 'poppy', 'rose', 'sunflower', 'tulip'], hint: { files: [['plant']], expect: 'B' } },
  { superclass: 'food_containers', labels: ['bottle', 'bowl', 'can', 'cup', 'plate'], hint: { files: [['artifact']], expect: 'A' } },
  { superclass: 'fruit_and_vegetables', labels: ['apple', 'mushroom', 'orange', 'pear', 'sweet_pepper'], hint: { files: [['food', 'plant']], expect: 'B' } },
  { superclass: 'household_electrical_devices', labels: ['clock', 'keyboard', 'lamp', 'telephone', 'television'], hint: { files: [['artifact']], expect: 'A' } },
  { superclass: 'household_furniture', labels: ['bed', 'chair', 'couch', 'table', 'wardrobe'], hint: { files: [['artifact']], expect: 'A' } },
  { superclass: 'insects', labels: ['bee', 'beetle', 'butterfly', 'caterpillar', 'cockroach'], hint: { files: [['animal']], expect: 'B' } },
  { superclass: 'large_carnivores', labels: ['bear', 'leopard', 'lion', 'tiger', 'wolf'], hint: { files: [['animal']], expect: 'B' } },
  { superclass: 'large_man-made_outdoor_things', labels: ['bridge', 'castle', 'house', 'road', 'skyscraper'], hint: { files: [['artifact']], expect: 'A' } },
  { superclass: 'large_natural_outdoor_scenes', labels: ['cloud', 'forest', 'mountain', 'plain', 'sea'], hint: { files: [['object', 'group', 'phenomenon']], expect: 'A' } },
  { superclass: 'large_omnivores_and_herbivores', labels: ['camel', 'cattle', 'chimpanzee', 'elephant', 'kangaroo'], hint: { files: [['animal']], expect: 'B' } },
  { superclass: 'medium_mammals', labels: ['fox', 'porcupine', 'possum', 'raccoon', 'skunk'], hint: { files: [['animal']], expect: 'B' } },
  { superclass: 'non-insect_invertebrates', labels: ['crab', 'lobster', 'snail', 'spider', 'worm'], hint: { files: [['animal']], expect: 'B' } },
  { superclass: 'people', labels: ['baby', 'boy', 'girl', 'man', 'woman'], hint: { files: [['person']], expect: 'B' } },
  { superclass: 'reptiles', labels: ['crocodile', 'dinosaur', 'lizard', 'snake', 'turtle'], hint: { files: [['animal']], expect: 'B' } },
  { superclass: 'small_mammals', labels: ['hamster', 'mouse', 'rabbit', 'shrew', 'squirrel'], hint: { files: [['animal']], expect: 'B' } },
  { superclass: 'trees', labels: ['maple_tree', 'oak_tree', 'palm_tree', 'pine_tree', 'willow_tree'], hint: { files: [['plant']], expect: 'B' } },
  { superclass: 'vehicles_1', labels: ['bicycle', 'bus', 'motorcycle', 'pickup_truck', 'train'], hint: { files: [['artifact']], expect: 'A' } },
  { superclass: 'vehicles_2', labels: ['lawn_mower', 'rocket', 'streetcar', 'tank', 'tractor'], hint: { files: [['artifact']], expect: 'A' } },
];

/** Labels whose sense the rule cannot tell, each looked up. */
export const CIFAR100_BY_HAND: Readonly<Record<string, readonly [sense: string, why: string]>> = {
  aquarium_fish: ['goldfish%1:05:00::', 'the pictures show fish kept in aquariums; the rule finds no closer word than fish'],
  castle: ['castle%1:06:00::', 'the fortified building, not the mansion'],
  dolphin: ['dolphin%1:05:00::', 'the mammal; the first animal sense is a fish'],
  maple_tree: ['maple%1:20:00::', 'WordNet writes maple'],
  plate: ['plate%1:06:00::', 'the dish; the first sense is a base in baseball'],
  ray: ['ray%1:05:00::', 'the fish'],
};
