import { describe, expect, it } from 'vitest';
import { openLoader } from '../../../src/data/loader/index.js';
import { pretrainSeries } from '../../../src/jobs/pretrain-series.js';
import { moceMethod } from '../../../src/methods/moce/step.js';
import { flatSet } from '../../data/pictures.js';
import { givenTo, optionsOf, smallModel } from '../small-options.js';

describe("MoCE's batches", () => {
  /** 120 pictures, each of a grey that tells its number, in six clusters of 20. */
  const count = 120;
  const set = flatSet(Array.from({ length: count }, (_, i) => [i, i, i]), smallModel.imageSize);
  const clusterOf = (image: number): number => (7 * image) % 6;

  const batches = async (gate: 'cluster' | 'token', threads: number) => {
    const options = { ...(await optionsOf('moce')), gate };
    const { start, clusters } = await givenTo('moce', options, 3);
    const recipe = moceMethod.build({
      model: smallModel, options, batchSize: 12, seed: 3, totalSteps: 20, stepsPerEpoch: 10, start: start!,
      ...(clusters === undefined ? {} : { clusters: { ...clusters, assignments: Int32Array.from({ length: count }, (_, i) => clusterOf(i)) } }),
    });
    const loader = openLoader(set, [pretrainSeries(recipe, { indices: Array.from({ length: count }, (_, i) => i), seed: 3, batch: 12, steps: 20, size: smallModel.imageSize })], threads);
    const found: { readonly images: readonly number[]; readonly cluster: readonly number[] }[] = [];
    for (let step = 0; step < 20; step++) {
      const inputs = await loader.next(step);
      const pixels = inputs['images']!.length / 12;
      found.push({ images: Array.from({ length: 12 }, (_, i) => inputs['images']![i * pixels]!), cluster: [...(inputs['cluster'] ?? [])] });
    }
    loader.close();
    return found;
  };

  it('have two of each of six equal clusters, one more or less, every image once an epoch, and are told the right clusters', async () => {
    const found = await batches('cluster', 0);
    for (const { images, cluster } of found) {
      expect(cluster).toEqual(images.map(clusterOf));
      for (let own = 0; own < 6; own++) expect(Math.abs(cluster.filter((one) => one === own).length - 2)).toBeLessThanOrEqual(1);
    }
    for (const epoch of [found.slice(0, 10), found.slice(10)]) {
      expect(epoch.flatMap(({ images }) => images).sort((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, i) => i));
    }
    expect(await batches('cluster', 1)).toEqual(found);
  });

  it('behind a gate of tokens are shuffled as every other method\'s', async () => {
    const counts = (await batches('token', 0)).flatMap(({ images }) => Array.from({ length: 6 }, (_, own) => images.filter((image) => clusterOf(image) === own).length));
    expect(Math.max(...counts)).toBeGreaterThan(3);
  });
});
