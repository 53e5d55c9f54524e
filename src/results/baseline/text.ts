import type { Baseline } from './types.js';

/** A baseline as its file holds it: a line a cell, so that a change of one reads as one in a diff. */
export function baselineText({ images, cells, speeds, ...head }: Baseline): string {
  const lines = (items: readonly string[], open: string, close: string): string => (items.length === 0 ? `${open}${close}` : `${open}\n${items.map((item) => `  ${item}`).join(',\n')}\n ${close}`);
  const list = (items: readonly unknown[]): string => lines(items.map((item) => JSON.stringify(item)), '[', ']');
  const parts = [
    ...Object.entries(head).map(([key, value]) => [key, JSON.stringify(value)] as const),
    ['images', lines(Object.entries(images).map(([hash, one]) => `${JSON.stringify(hash)}: ${JSON.stringify(one)}`), '{', '}')] as const,
    ['cells', list(cells)] as const,
    ['speeds', list(speeds)] as const,
  ];
  return `{\n${parts.map(([key, value]) => ` ${JSON.stringify(key)}: ${value}`).join(',\n')}\n}\n`;
}
