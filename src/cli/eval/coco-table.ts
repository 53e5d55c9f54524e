import type { CocoSummary } from '../../metrics/index.js';

type Line = readonly [key: keyof CocoSummary, iou: string, area: string, limit: number];

const lines: readonly Line[] = [
  ['AP', '0.50:0.95', 'all', 100], ['AP50', '0.50', 'all', 100], ['AP75', '0.75', 'all', 100],
  ['APs', '0.50:0.95', 'small', 100], ['APm', '0.50:0.95', 'medium', 100], ['APl', '0.50:0.95', 'large', 100],
  ['AR1', '0.50:0.95', 'all', 1], ['AR10', '0.50:0.95', 'all', 10], ['AR100', '0.50:0.95', 'all', 100],
  ['ARs', '0.50:0.95', 'small', 100], ['ARm', '0.50:0.95', 'medium', 100], ['ARl', '0.50:0.95', 'large', 100],
];

/**
 * As Python writes a number: in the middle of two it takes the even one, where `toFixed` takes the larger. In the middle, exactly, lie only
 * the odd sixteenths (0.0625), whose thousandths are exact too.
 */
function threeDecimals(value: number): string {
  const below = Math.floor(1000 * value);
  const between = (16 * value) % 2 === 1;
  return (between && below % 2 === 0 ? below / 1000 : value).toFixed(3);
}

/** The twelve lines that pycocotools prints, so that what reads those reads these. */
export const cocoTable = (summary: CocoSummary): string => lines.map(([key, iou, area, limit]) => {
  const name = key.startsWith('AP') ? 'Average Precision  (AP)' : 'Average Recall     (AR)';
  return ` ${name} @[ IoU=${iou.padEnd(9)} | area=${area.padStart(6)} | maxDets=${String(limit).padStart(3)} ] = ${threeDecimals(summary[key])}`;
}).join('\n');
