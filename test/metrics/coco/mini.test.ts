import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { evaluateCoco } from '../../../src/metrics/index.js';
import type { Instances } from './generated.js';
import { inputs } from './inputs.js';
import { simulated } from './simulated.js';

/** Real annotations: COCO's in the folder that MASKBENCH_DATA names, or `shared/data` beside the repository. */
const data = process.env['MASKBENCH_DATA'] ?? fileURLToPath(new URL('../../../../shared/data', import.meta.url));
const file = join(data, 'coco_mini/annotations/instances_val2017.json');
const present = existsSync(file);

interface Expected { readonly seed: number; readonly results: number; readonly stats: readonly (readonly number[])[]; readonly categories: readonly { id: number; AP: number; AP50: number; AP75: number }[] }
const expected = JSON.parse(readFileSync(new URL('./mini.reference.json', import.meta.url), 'utf8')) as readonly Expected[];

describe.skipIf(!present)(present ? 'coco_mini with simulated detections' : `coco_mini: SKIPPED, there is no ${file} (set MASKBENCH_DATA)`, () => {
  it.each(expected.map((one) => [one.seed, one] as const))('equals pycocotools, seed %i', (seed, { results: count, stats, categories }) => {
    const truth = JSON.parse(readFileSync(file, 'utf8')) as Instances;
    const results = simulated(truth, seed);
    expect(results).toHaveLength(count);
    const { truths, found, categories: ids } = inputs(truth, results);
    const evaluate = (type: 'bbox' | 'segm', detectionArea: 'box' | 'mask') => evaluateCoco(truths, found, type, { classes: ids.length, compat: 'pycocotools', detectionArea });
    const masks = evaluate('segm', 'mask');
    [evaluate('bbox', 'box'), evaluate('segm', 'box'), masks].forEach(({ summary }, i) => {
      // The summary's keys are in pycocotools' order.
      Object.values(summary).forEach((value, at) => expect(Math.abs((value as number) - stats[i]![at]!)).toBeLessThan(1e-12));
    });
    expect(masks.categories.map(({ category }) => ids[category])).toEqual(categories.map(({ id }) => id));
    masks.categories.forEach(({ AP, AP50, AP75 }, i) => {
      const own = categories[i]!;
      expect(Math.max(Math.abs(AP - own.AP), Math.abs(AP50 - own.AP50), Math.abs(AP75 - own.AP75))).toBeLessThan(1e-12);
    });
  });
});
