import { describe, expect, it } from 'vitest';
import { overlapHash, overlapsOf } from '../../src/results/overlaps.js';
import { csv } from '../../src/report/csv.js';
import { reportData } from '../../src/report/format.js';
import { overlapView } from '../../src/report/html/overlap-view.js';
import type { Result, RunRecord } from '../../src/results/types.js';
import { fixture } from '../report/fixture.js';

/** The made-up run with the overlap of two entries at three seeds: `mae` 0.4, 0.5, 0.6 at its best heads. */
async function record(): Promise<RunRecord> {
  const run = await fixture({ seeds: 3, tasks: 1 });
  const task = (run.suite as unknown as { readonly tasks: readonly { readonly name: string }[] }).tasks[0]!.name;
  const made = ['scratch', 'mae'].flatMap((entry) => [0, 1, 2].map((seed) => {
    const id = `overlap/${entry}/${task}/s${seed}`;
    const level = entry === 'mae' ? 0.4 + 0.1 * seed : 0.3;
    const result = {
      ...run.results[0]!, key: id, id, kind: 'overlap', config: {}, seed, task, heads: 2, share: 0.6, flops: 1,
      perImage: { ids: ['a', 'b'], jaccard: [[0.1, level + 0.1], [level - 0.1, 0]], disc: [0.2, 0.4], random: [0.3, 0.3] },
    } as unknown as Result;
    return { result, job: { id, key: id, kind: 'overlap', inputs: {}, tags: { entry, task, seed: String(seed) } } };
  }));
  return { ...run, results: [...run.results, ...made.map(({ result }) => result)], jobs: [...run.jobs, ...made.map(({ job }) => job)] };
}

describe('attention and objects', () => {
  it('takes the best head of each image, and pairs it with the untrained encoder by seed', async () => {
    const overlaps = overlapsOf(await record());
    expect(overlaps.map(({ entry }) => entry)).toEqual(['scratch', 'mae']);
    const mae = overlaps[1]!;
    expect(mae.seeds.map(({ seed, images }) => [seed, images])).toEqual([[0, 2], [1, 2], [2, 2]]);
    mae.seeds.forEach(({ best, heads, random, disc }, seed) => {
      expect([best, heads, random, disc].map((value) => Number(value.toFixed(12)))).toEqual([0.4 + 0.1 * seed, 0.225 + 0.05 * seed, 0.3, 0.3].map((value) => Number(value.toFixed(12))));
    });
    // 0.5 with a standard deviation of 0.1: t(0.975, 2) = 4.302653 times 0.1 / sqrt(3).
    expect(mae.best.kind === 'interval' && [mae.best.mean, mae.best.half].map((value) => value.toFixed(4))).toEqual(['0.5000', '0.2484']);
    expect(mae.gain.kind === 'interval' && mae.gain.mean.toFixed(4)).toBe('0.2000');
  });

  it('stands in the report and in the CSV', async () => {
    const made = await record();
    const view = overlapView(made, new Map([['mae', 'a reason']]))!;
    expect(view.tasks[0]!.rows).toEqual([
      { entry: 'scratch', flags: [], cells: ['30.0 ± 0.0', '17.5 ± 0.0', '30.0 ± 0.0', '0.0 [0.0, 0.0]', '30.0 ± 0.0'] },
      { entry: 'mae', flags: ['collapsed'], cells: ['50.0 ± 24.8', '27.5 ± 12.4', '30.0 ± 0.0', '+20.0 [\u22124.8, +44.8]', '30.0 ± 0.0'] },
    ]);
    expect(view.kept).toBe('60 %');
    expect(view.tasks[0]!.caption).toMatch(/mean over 2 test images and 3 seeds/);
    const lines = (await csv.render(reportData(made))).split('\n').filter((line) => line.includes('attention_jaccard_best_head'));
    expect(lines).toHaveLength(6);
    expect(lines[3]).toMatch(new RegExp(String.raw`^[^,]*,mae,[^,]*,attention,attention,${overlapHash({ share: 0.6 })},attention_jaccard_best_head,0,0\.4\d*,fraction,2,overlap/mae/`));
    const other = { ...made, results: made.results.map((result) => (result.kind === 'overlap' && result.id.startsWith('overlap/mae/') ? { ...result, share: 0.5 } : result)) };
    const [caption, rows] = [overlapView(other, new Map())!.tasks[0]!.caption, overlapView(other, new Map())!.tasks[0]!.rows];
    expect(caption).toContain(`(protocol ${overlapHash({ share: 0.6 })})`);
    expect(rows.map(({ flags }) => flags)).toEqual([[], [`measured otherwise: protocol ${overlapHash({ share: 0.5 })}`]]);
    expect(overlapView(await fixture({ seeds: 1, tasks: 1 }), new Map())).toBeNull();
  });
});
