import type { DataSource } from '../source.js';

/** Data sources by the name that a suite uses; each is loaded when it is first asked for. */
export const dataSources: Readonly<Record<string, () => Promise<DataSource>>> = {
  emoji: async () => (await import('./emoji/index.js')).emojiSource,
  emoji_scenes: async () => (await import('./emoji-scenes/index.js')).emojiScenesSource,
  cifar10: async () => (await import('./cifar.js')).cifar10Source,
  cifar100: async () => (await import('./cifar.js')).cifar100Source,
  folder: async () => (await import('./folder.js')).folderSource,
  oxford_pets: async () => (await import('./oxford-pets.js')).oxfordPetsSource,
  oxford_pets_trimaps: async () => (await import('./oxford-pets-trimaps.js')).oxfordPetsTrimapsSource,
  coco: async () => (await import('./coco/index.js')).cocoSource,
  voc: async () => (await import('./voc/index.js')).vocSource,
  masks: async () => (await import('./masks.js')).masksSource,
  unlabelled: async () => (await import('./unlabelled.js')).unlabelledSource,
};
