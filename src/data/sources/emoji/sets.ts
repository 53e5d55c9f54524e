/** The emoji sets, by npm package `@iconify-json/<set>`, and the artist family that each belongs to. */
export const SETS = ['noto', 'noto-v1', 'emojione', 'emojione-v1', 'twemoji', 'openmoji', 'fluent-emoji-flat', 'fxemoji'] as const;
export type SetName = (typeof SETS)[number];

/** Two versions of a set are one artist: never on two sides of a split. */
export const FAMILY_OF: Readonly<Record<SetName, string>> = {
  noto: 'noto',
  'noto-v1': 'noto',
  emojione: 'emojione',
  'emojione-v1': 'emojione',
  twemoji: 'twemoji',
  openmoji: 'openmoji',
  'fluent-emoji-flat': 'fluent-emoji-flat',
  fxemoji: 'fxemoji',
};

/**
 * In a fixed order: folds are rotations of it. The two families of two sets each stand apart, so that no fold tests on
 * both, and none trains on neither.
 */
export const FAMILIES: readonly string[] = ['noto', 'twemoji', 'openmoji', 'emojione', 'fluent-emoji-flat', 'fxemoji'];

/** A concept that fewer sets draw is left out. */
export const MIN_SETS = 5;
