import { setImmediate } from 'node:timers/promises';
import type { ImageSet } from '../../src/data/image-set.js';
import { openLoader, type Series } from '../../src/data/loader/index.js';
import type { Compiled } from '../../src/engine/contract.js';
import { pretrainSeries } from '../../src/jobs/pretrain-series.js';
import { fineTuneOptions, fineTuneSchema } from '../../src/protocols/fine-tune/options.js';
import { trainSeries } from '../../src/protocols/fine-tune/train.js';
import { stream } from '../../src/random.js';
import { withDefaults } from '../../src/suite/validate.js';
import type { Case } from '../cases.js';
import type { Answers, Augmentation } from './messages.js';
import { recipeOf, type Workload } from './workload.js';

const seed = 1;
const endless = 2 ** 31;

/**
 * Pictures of the case's size: at the embedded data's sizes with transparent edges, which get a background drawn behind
 * them, else plain RGB. What is in them costs no time.
 */
function makePictures({ model }: Case): ImageSet {
  const size = model.imageSize;
  const channels = size <= 64 ? 4 : 3;
  const count = channels === 4 ? 512 : 64;
  const draws = stream(seed, 'bench/pictures');
  const pixels = new Uint8Array(new SharedArrayBuffer(count * size * size * channels));
  for (let i = 0; i < pixels.length; i++) pixels[i] = draws.uint32() >>> 24;
  if (channels === 4) {
    const inside = (i: number): boolean => Math.hypot((i % size) - size / 2, (Math.floor(i / size) % size) - size / 2) < 0.4 * size;
    for (let i = 0; i < count * size * size; i++) pixels[4 * i + 3] = inside(i) ? 255 : 0;
  }
  const records = Array.from({ length: count }, (_, i) => ({ id: `bench/${i}`, label: '', group: null, domain: null, split: null, side: null }));
  return { name: 'bench', size, channels, unreadable: [], records, pixels };
}

let kept: { readonly of: Case; readonly set: ImageSet } | null = null;

/** The same at every turn: loader threads stay with their set, as in a job. */
function pictures(one: Case): ImageSet {
  if (kept?.of.name !== one.name) kept = { of: one, set: makePictures(one) };
  return kept.set;
}

const everyChange = { color_jitter: {}, grayscale: 0.2, blur: {}, solarize: 0.2 };

/** What a job of the case's kind asks its loader for. */
function seriesOf(one: Case, count: number, augmentation: Augmentation): Series {
  const { step, model, batch, classes } = one;
  const indices = Array.from({ length: count }, (_, i) => i);
  const size = model.imageSize;
  switch (step) {
    case 'mae':
    case 'mixedae':
    case 'ibot':
      return pretrainSeries(recipeOf(step, one, augmentation === 'all' ? { augment: everyChange } : {}), { indices, seed, batch, steps: endless, size });
    case 'fine-tune':
      return {
        ...trainSeries({ model, classes, pool: 'mean', batchSize: batch, layerDecay: 0.75, dropPath: true }, fineTuneOptions(withDefaults(fineTuneSchema, { batch_size: batch, ...(augmentation === 'all' ? { augment: everyChange, rand_augment: {}, random_erasing: {}, mix: {} } : {}) })), { indices, labels: indices.map((i) => i % classes) }, seed, 'bench'),
        steps: endless,
      };
    case 'features':
      return { kind: 'evaluation', indices: Array.from({ length: 2 ** 20 }, (_, i) => i % count), size, batch, background: 'textures' };
    default: {
      const never: never = step;
      return never;
    }
  }
}

/** Steps as a job's loop does them, with batches from a loader of so many threads, for at least `seconds`. */
export async function waitOfSteps(one: Case, compiled: Compiled, { function: name, scalars, carried }: Workload, { threads, augmentation, seconds }: { readonly threads: number; readonly augmentation: Augmentation; readonly seconds: number }): Promise<Answers['loader']> {
  const set = pictures(one);
  const loader = openLoader(set, [seriesOf(one, set.records.length, augmentation)], threads);
  let waited = 0;
  let stepped = 0;
  let steps = -2; // two are not counted: the first batch is nobody's fault
  try {
    for (let number = 0; steps < 1 || waited + stepped < seconds; number++) {
      const asked = performance.now();
      const inputs = await loader.next(number);
      const given = performance.now();
      compiled.run(name, { ...inputs, ...carried }, scalars);
      const done = performance.now();
      if (++steps > 0) {
        waited += (given - asked) / 1000;
        stepped += (done - given) / 1000;
      }
      await setImmediate();
    }
  } finally {
    loader.close();
  }
  return { waited, stepped, steps };
}
