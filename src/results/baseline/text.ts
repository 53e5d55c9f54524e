import { packed } from './packed.js';
import type { Baseline, BaselineCell } from './types.js';

/** A cell as its line in the file. */
const cellText = ({ perImage, ...cell }: BaselineCell): string =>
  JSON.stringify({ ...cell, perImage: perImage.kind === 'detection' ? { kind: perImage.kind, packed: packed(perImage) } : perImage });

/** A baseline as its file holds it: a line a cell, so that a change of one reads as one in a diff. */
export function baselineText({ images, cells, speeds, ...head }: Baseline): string {
  const lines = (items: readonly string[], open: string, close: string): string => (items.length === 0 ? `${open}${close}` : `${open}\n${items.map((item) => `  ${item}`).join(',\n')}\n ${close}`);
  const list = (items: readonly string[]): string => lines(items, '[', ']');
  const parts = [
    ...Object.entries(head).map(([key, value]) => [key, JSON.stringify(value)] as const),
    ['images', lines(Object.entries(images).map(([hash, one]) => `${JSON.stringify(hash)}: ${JSON.stringify(one)}`), '{', '}')] as const,
    ['cells', list(cells.map(cellText))] as const,
    ['speeds', list(speeds.map((speed) => JSON.stringify(speed)))] as const,
  ];
  return `{\n${parts.map(([key, value]) => ` ${JSON.stringify(key)}: ${value}`).join(',\n')}\n}\n`;
}
