import type { CocoEvaluation, CocoSummary } from '../../metrics/index.js';

/** `limit`: which of the three. */
type Line = readonly [key: keyof CocoSummary, iou: string, area: string, limit: 0 | 1 | 2];

const lines: readonly Line[] = [
  ['AP', '0.50:0.95', 'all', 2], ['AP50', '0.50', 'all', 2], ['AP75', '0.75', 'all', 2],
  ['APs', '0.50:0.95', 'small', 2], ['APm', '0.50:0.95', 'medium', 2], ['APl', '0.50:0.95', 'large', 2],
  ['AR1', '0.50:0.95', 'all', 0], ['AR10', '0.50:0.95', 'all', 1], ['AR100', '0.50:0.95', 'all', 2],
  ['ARs', '0.50:0.95', 'small', 2], ['ARm', '0.50:0.95', 'medium', 2], ['ARl', '0.50:0.95', 'large', 2],
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
export const cocoTable = ({ summary, maxDets }: Pick<CocoEvaluation, 'summary' | 'maxDets'>): string => lines.map(([key, iou, area, limit]) => {
  const name = key.startsWith('AP') ? 'Average Precision  (AP)' : 'Average Recall     (AR)';
  return ` ${name} @[ IoU=${iou.padEnd(9)} | area=${area.padStart(6)} | maxDets=${String(maxDets[limit]).padStart(3)} ] = ${threeDecimals(summary[key])}`;
}).join('\n');
