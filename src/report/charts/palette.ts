import type { ResolvedEntry } from '../../suite/resolved.js';

/**
 * Look of each entry, the same in all charts. Colours are of Okabe and Ito's set (distinct with every common colour
 * blindness; darker or lighter in templates/style.css so that they stand out on the page's background), and shape and
 * dashes tell the same again without colour. Entries without pre-training are grey.
 */
export interface Look { readonly color: string; readonly symbol: string; readonly dash: string; readonly dashes: readonly number[] }

const colorCount = 6;
/** SVG paths in a box of 10 x 10. */
export const symbolPaths = {
  circle: 'M5 0.4A4.6 4.6 0 1 1 4.99 0.4Z',
  square: 'M0.8 0.8H9.2V9.2H0.8Z',
  triangle: 'M5 0.4L9.8 9.2H0.2Z',
  diamond: 'M5 0L10 5L5 10L0 5Z',
  down: 'M0.2 0.8H9.8L5 9.6Z',
  cross: 'M3.4 0.4H6.6V3.4H9.6V6.6H6.6V9.6H3.4V6.6H0.4V3.4H3.4Z',
} as const;
const symbols = Object.values(symbolPaths);
const dashes = [[], [6, 3], [2, 3], [8, 3, 2, 3], [4, 2], [1, 2]] as const;

export const look = (index: number): Look => {
  const pattern = dashes[Math.floor(index / 2) % dashes.length]!;
  return {
    color: `var(--series-${index % colorCount})`,
    symbol: symbols[(index + Math.floor(index / colorCount)) % symbols.length]!,
    dash: pattern.join(' '),
    dashes: pattern,
  };
};

const grey = (index: number): Look => ({ ...look(index), color: 'var(--series-none)', symbol: symbols[(symbols.length - 1 - index + symbols.length) % symbols.length]! });

export function looks(entries: readonly ResolvedEntry[]): ReadonlyMap<string, Look> {
  let trained = 0;
  let untrained = 0;
  return new Map(entries.map((entry) => [entry.name, entry.pretrain === null ? grey(untrained++) : look(trained++)]));
}
