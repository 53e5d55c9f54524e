import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const run = (code: string): string => execFileSync(process.execPath, ['--input-type=module', '-e', code], { cwd: root, encoding: 'utf8' });

it('the built package is imported as maskbench/metrics, and computes', () => {
  const code = `
    import { evaluateCoco, polygonMask, segmentationCounts, segmentationScores } from 'maskbench/metrics';
    const truth = { id: 1, category: 0, box: [0, 0, 10, 10], area: 100, mask: null, crowd: false, difficult: false };
    console.log(JSON.stringify([
      import.meta.resolve('maskbench/metrics').replace(/^.*\\/dist/, 'dist'),
      evaluateCoco([[truth]], [[{ category: 0, score: 1, box: [0, 0, 10, 5], mask: null }]], 'bbox', { classes: 1 }).summary.AP50.toFixed(12),
      polygonMask([0, 0, 2, 0, 2, 2, 0, 2], 3, 3).counts,
      segmentationScores(segmentationCounts([0, 1], [0, 0], 2)).mIoU,
    ]));`;
  // IoU 0.5; a square of 2 x 2 pixels; IoU 1/2 and 0.
  expect(JSON.parse(run(code))).toEqual(['dist/metrics/index.js', '1.000000000000', [0, 2, 1, 2, 4], 0.25]);
});

it('maskbench/metrics loads nothing but itself', () => {
  const loaded = run(`
    import { register } from 'node:module';
    register('data:text/javascript,' + encodeURIComponent("import { writeSync } from 'node:fs'; export async function load(url, context, next) { writeSync(1, url + '\\\\n'); return next(url, context); }"));
    await import('maskbench/metrics');`).trim().split('\n');
  expect(loaded.length).toBeGreaterThan(10);
  expect(loaded.filter((url) => !url.includes('/dist/metrics/'))).toEqual([]);
});

it('its statistics are imported as maskbench/metrics/stats', () => {
  // Ten images of which one side alone has 1 right and the other 9: 2 * (1 + 10) / 2^10.
  expect(Number(run(`import { mcnemar } from 'maskbench/metrics/stats'; console.log(mcnemar(1, 9));`))).toBeCloseTo(0.021484375, 12);
});
