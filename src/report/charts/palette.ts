import type { ResolvedEntry } from '../../suite/resolved.js';

/**
 * Look of each entry, the same in all charts. Colours are of Okabe and Ito's set (distinct with every common colour
 * blindness; darker or lighter in templates/style.css so that they stand out on the page's background), and shape and
 * dashes tell the same again without colour. Entries without pre-training are grey.
 */
export interface Look {
  readonly color: string;
  /** SVG path in a box of 10 x 10. */
  readonly symbol: string;
  /** Size that makes the symbol look as large as the others. */
  readonly scale: number;
  readonly dash: string;
  readonly dashes: readonly number[];
}

const colorCount = 6;
const symbols = [
  { path: 'M0 5A5 5 0 1 1 10 5A5 5 0 1 1 0 5Z', scale: 1 },
  { path: 'M0 0H10V10H0Z', scale: 0.86 },
  { path: 'M5 0L10 9H0Z', scale: 1.1 },
  { path: 'M5 0L10 5L5 10L0 5Z', scale: 1.2 },
  { path: 'M0 0H10L5 9Z', scale: 1.1 },
  { path: 'M3.2 0H6.8V3.2H10V6.8H6.8V10H3.2V6.8H0V3.2H3.2Z', scale: 1.05 },
] as const;
const dashes = [[], [6, 3], [2, 3], [8, 3, 2, 3], [4, 2], [1, 2]] as const;

export const look = (index: number): Look => {
  // Where colours begin again, shapes and dashes go on by one: what looks the same is the 37th.
  const shifted = index + Math.floor(index / colorCount);
  const pattern = dashes[shifted % dashes.length]!;
  const symbol = symbols[shifted % symbols.length]!;
  return {
    color: `var(--series-${index % colorCount})`,
    symbol: symbol.path,
    scale: symbol.scale,
    dash: pattern.join(' '),
    dashes: pattern,
  };
};

/** From the last symbol backwards: the first entry without pre-training looks unlike the first one with it. */
const grey = (index: number): Look => ({ ...look((symbols.length - 1 - (index % symbols.length))), color: 'var(--series-none)' });

export function looks(entries: readonly ResolvedEntry[]): ReadonlyMap<string, Look> {
  let trained = 0;
  let untrained = 0;
  return new Map(entries.map((entry) => [entry.name, entry.pretrain === null ? grey(untrained++) : look(trained++)]));
}
