/**
 * Prints, for each task of a suite at seed 0, how many of its test images nearly equal an image that is pre-trained on, and the nearest pair:
 * npm run build && node scripts/data/near-photos.mjs [suite, default suites/photos.yaml] [folder of the built files, default dist]
 */
import { resolve } from 'node:path';

const [suitePath = 'suites/photos.yaml', dist = 'dist'] = process.argv.slice(2);
const built = resolve(dist);
const { registries, suiteMembers } = await import(`${built}/catalog.js`);
const { loadSuite } = await import(`${built}/suite/load.js`);
const { HASH_RENDER, hashDistance, perceptualHash } = await import(`${built}/data/sources/emoji/perceptual-hash.js`);

/** Below it stand pictures that repeat each other; above it, other pictures of little contrast. Found by looking at the pairs in order. */
const near = 0.02;
/** Pairs as far apart as this are not told apart. */
const far = 0.09;
/** Side of the pictures that are hashed, each pixel as a square of the hash's drawing. */
const size = 32;
const scale = HASH_RENDER / size;

const members = await registries();
const { suite } = await loadSuite(suitePath, suiteMembers(members));

/** Id, hash and its mean of the records of a data set that a view names. */
async function hashed(name, viewOf) {
  const { source: sourceName, options } = suite.data.find((data) => data.name === name);
  const source = members.sources[sourceName];
  const set = await source.prepare(options, size, () => undefined);
  const wanted = new Set(viewOf(source, set, options));
  const found = [];
  const rgba = new Uint8Array(HASH_RENDER * HASH_RENDER * 4).fill(255);
  await set.decode((index, pixels) => {
    if (wanted.has(index)) {
      for (let at = 0; at < HASH_RENDER * HASH_RENDER; at++) {
        const from = (Math.floor(at / HASH_RENDER / scale) * size + Math.floor((at % HASH_RENDER) / scale)) * set.channels;
        for (let channel = 0; channel < 3; channel++) rgba[at * 4 + channel] = pixels[from + channel];
      }
      const hash = perceptualHash(rgba);
      found.push({ id: set.records[index].id, hash, mean: hash.reduce((sum, value) => sum + value, 0) / hash.length });
    }
    return Promise.resolve();
  });
  return found;
}

const sets = [...new Set(suite.entries.flatMap(({ pretrain }) => (pretrain ? [pretrain.data] : [])))];
const pretraining = (await Promise.all(sets.map((name) => hashed(name, (source, set, options) => source.pretrain(set, options, 'full', 0).indices)))).flat();
for (const { name, data, task } of suite.tasks) {
  const tests = await hashed(data, (source, set, options) => source.task(set, options, task, 0).test.indices);
  let nearest = { distance: far };
  let count = 0;
  for (const test of tests) {
    let least = far;
    for (const image of pretraining) {
      // The means of two hashes differ by no more than their distance.
      if (Math.abs(image.mean - test.mean) >= least) continue;
      const distance = hashDistance(image.hash, test.hash, least);
      if (distance >= least) continue;
      least = distance;
      if (distance < nearest.distance) nearest = { distance, pair: `${test.id} and ${image.id}` };
    }
    if (least < near) count++;
  }
  console.log(`${name}: ${count} of ${tests.length}; nearest: ${nearest.pair === undefined ? `none under ${far}` : `${nearest.pair}, ${nearest.distance.toFixed(3)}`}`);
}
