/**
 * Data sets larger than memory: `npm run test:stream` makes trees of small pictures, prepares and reads them in processes of
 * their own, and compares the highest memory use of 2,000 pictures with that of 20,000. What is streamed must not grow by
 * the pixels; read as a whole it must, or the measurement would not see anything. Both must give the same batches.
 * Pictures with label maps are prepared in the same way, 200 and 4,000 of them.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const size = 64;
const few = 2_000;
const many = 20_000;
const pixelBytes = (count) => count * size * size * 3;
/** Pixels a side of a label map: of 3,800 they are 249 MB. */
const mapSide = 256;
const fewMaps = 200;
const manyMaps = 4_000;
/** Names, records and what a garbage collector leaves lying; pixels would be 221 MB. */
const allowed = 90e6;

const highest = () => Number(/^VmHWM:\s*(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))[1]) * 1024;

/** A TIFF of 8 x 8 pixels without compression, which costs nothing to make: header, one directory, bits a sample, pixels. */
function tiff(pixels) {
  const short = 3;
  const bitsAt = 8 + 2 + 9 * 12 + 4;
  // Tag, count, value or its place.
  const fields = [[256, 1, 8], [257, 1, 8], [258, 3, bitsAt], [259, 1, 1], [262, 1, 2], [273, 1, bitsAt + 6], [277, 1, 3], [278, 1, 8], [279, 1, pixels.length]];
  const head = Buffer.alloc(bitsAt + 6);
  head.write('II*\0', 'latin1');
  head.writeUInt32LE(8, 4);
  head.writeUInt16LE(fields.length, 8);
  fields.forEach(([tag, count, value], i) => {
    head.writeUInt16LE(tag, 10 + 12 * i);
    head.writeUInt16LE(short, 12 + 12 * i);
    head.writeUInt32LE(count, 14 + 12 * i);
    head.writeUInt32LE(value, 18 + 12 * i);
  });
  for (let c = 0; c < 3; c++) head.writeUInt16LE(8, bitsAt + 2 * c);
  return Buffer.concat([head, pixels]);
}

/** A tree of pictures, each with a colour pattern of its own. */
function makeTree(folder, count) {
  for (let i = 0; i < count; i++) {
    const at = join(folder, String(Math.floor(i / 500)));
    if (i % 500 === 0) mkdirSync(at, { recursive: true });
    writeFileSync(join(at, `${i}.tif`), tiff(Uint8Array.from({ length: 192 }, (_, k) => (i * 31 + k * ((i % 13) + 1)) % 256)));
  }
}

/** A tree for the source `masks`: every picture is of one colour, every label map of one class. */
async function makeMaps(folder, count) {
  const { default: sharp } = await import('sharp');
  const file = (channels, value) => sharp(Buffer.alloc(mapSide * mapSide * channels, value), { raw: { width: mapSide, height: mapSide, channels } }).toColourspace(channels === 1 ? 'b-w' : 'srgb').png().toBuffer();
  const [picture, map] = [await file(3, 90), await file(1, 1)];
  for (const name of ['images', 'labels']) mkdirSync(join(folder, name), { recursive: true });
  writeFileSync(join(folder, 'classes.txt'), '1 all\n');
  for (let i = 0; i < count; i++) {
    writeFileSync(join(folder, `images/${i}.png`), picture);
    writeFileSync(join(folder, `labels/${i}.png`), map);
  }
}

/** In a process of its own: `prepare` a tree, or one with `maps`, or `stream` or `hold` what was prepared and draw batches from it. */
async function part(what, tree, prepared) {
  const { readPreparedSet, writePrepared } = await import('../dist/data/prepared.js');
  if (what === 'maps') {
    const { masksSource } = await import('../dist/data/sources/masks.js');
    const options = { path: tree, size, classes: 'classes.txt', ignore: [255], train_images: 'images', train_masks: 'labels', val_images: null, val_masks: null, test_images: null, test_masks: null };
    const { unreadable } = await writePrepared(prepared, await masksSource.prepare(options, size, () => undefined));
    return { highest: highest(), unreadable: unreadable.length };
  }
  if (what === 'prepare') {
    const { unlabelledSource } = await import('../dist/data/sources/unlabelled.js');
    await unlabelledSource.fingerprint({ path: tree });
    const { unreadable } = await writePrepared(prepared, await unlabelledSource.prepare({ path: tree }, size, () => undefined));
    return { highest: highest(), unreadable: unreadable.length };
  }
  const { openLoader } = await import('../dist/data/loader/index.js');
  const { defaultAugment } = await import('../dist/data/augment/index.js');
  const set = await readPreparedSet(prepared, what === 'stream' ? 2 ** 20 : Infinity);
  const indices = set.records.map((_, i) => i);
  const loader = openLoader(set, [{ kind: 'train', indices, augment: defaultAugment, seed: 0, purpose: 'pretrain', size: 16, batch: 100, steps: indices.length / 100 }], 1);
  const hash = createHash('sha256');
  for (let step = 0; step < indices.length / 100; step++) hash.update((await loader.next(step)).images);
  loader.close();
  return { highest: highest(), streamed: 'pixelsFile' in set, batches: hash.digest('hex') };
}

const problems = [];
const check = (holds, text) => {
  process.stdout.write(`${holds ? 'ok  ' : 'FAIL'} ${text}\n`);
  if (!holds) problems.push(text);
};
const mb = (bytes) => `${(bytes / 1e6).toFixed(0)} MB`;

async function main() {
  const root = mkdtempSync(join(tmpdir(), 'maskbench-stream-'));
  try {
    const run = (what, count) => {
      const child = [fileURLToPath(import.meta.url), what, join(root, `tree-${count}`), join(root, `prepared-${count}`)];
      return JSON.parse(execFileSync(process.execPath, child, { env: { ...process.env, MASKBENCH_CACHE: join(root, 'cache') }, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }));
    };
    for (const count of [few, many]) makeTree(join(root, `tree-${count}`), count);
    const [prepareFew, prepareMany] = [run('prepare', few), run('prepare', many)];
    check(prepareMany.unreadable === 0, `${many} pictures are prepared`);
    const grown = prepareMany.highest - prepareFew.highest;
    check(grown < allowed, `preparing ${many} instead of ${few} pictures takes ${mb(grown)} more memory; their pixels are ${mb(pixelBytes(many - few))}`);
    const [streamFew, streamMany, holdMany] = [run('stream', few), run('stream', many), run('hold', many)];
    check(streamMany.streamed && !holdMany.streamed, 'a set above the limit stays in its file');
    const grownReading = streamMany.highest - streamFew.highest;
    check(grownReading < allowed, `drawing batches from the file of ${many} takes ${mb(grownReading)} more`);
    const held = holdMany.highest - streamMany.highest;
    check(held > 0.7 * pixelBytes(many), `held in memory it takes ${mb(held)} more than that (the measurement sees pixels)`);
    check(streamMany.batches === holdMany.batches, 'the batches are the same');
    for (const count of [fewMaps, manyMaps]) await makeMaps(join(root, `tree-${count}`), count);
    const [mapsFew, mapsMany] = [run('maps', fewMaps), run('maps', manyMaps)];
    const written = statSync(join(root, `prepared-${manyMaps}`, 'labels.bin')).size;
    check(mapsMany.unreadable === 0 && written === manyMaps * mapSide ** 2, `${manyMaps} pictures with label maps are prepared`);
    const grownMaps = mapsMany.highest - mapsFew.highest;
    check(grownMaps < allowed, `preparing ${manyMaps} instead of ${fewMaps} of them takes ${mb(grownMaps)} more memory; their label maps are ${mb((manyMaps - fewMaps) * mapSide ** 2)}`);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
  process.exitCode = problems.length === 0 ? 0 : 1;
}

const [what, tree, prepared] = process.argv.slice(2);
if (what === undefined) await main();
else process.stdout.write(JSON.stringify(await part(what, tree, prepared)));
