import { constants } from 'node:buffer';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { evalCommand } from '../../src/cli/eval.js';
import { cocoTable } from '../../src/cli/eval/coco-table.js';
import { MaskbenchError } from '../../src/errors.js';
import { generated, type Instances, type Result } from '../metrics/coco/generated.js';
import { maskbench } from './command.js';
import { inProcess } from './in-process.js';

const folder = mkdtempSync(join(tmpdir(), 'maskbench-eval-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const write = (name: string, value: unknown): string => {
  const path = join(folder, name);
  writeFileSync(path, typeof value === 'string' ? value : JSON.stringify(value));
  return path;
};

/** Runs `maskbench eval ...` in this process; gives what it prints, or its error as a person reads it. */
async function evaluate(...args: string[]): Promise<string> {
  const printed: string[] = [];
  const [real, realErrors] = [process.stdout.write.bind(process.stdout), process.stderr.write.bind(process.stderr)];
  process.stdout.write = (text: string | Uint8Array) => printed.push(String(text)) > 0;
  process.stderr.write = () => true;
  try {
    await evalCommand().parseAsync(args, { from: 'user' });
  } catch (error) {
    if (!(error instanceof MaskbenchError)) throw error;
    expect(error.exitCode).toBe(2);
    return error.describe();
  } finally {
    process.stdout.write = real;
    process.stderr.write = realErrors;
  }
  return printed.join('');
}

const expected = JSON.parse(readFileSync(new URL('../metrics/coco/generated.reference.json', import.meta.url), 'utf8')) as readonly (readonly (readonly number[])[])[];

describe('maskbench eval coco', () => {
  it('gives pycocotools\' numbers: boxes, masks with and without boxes beside them', async () => {
    for (const seed of [1, 8, 10, 33]) {
      const { truth, results } = generated(seed);
      const gt = write('truth.json', truth);
      const numbers = async (type: 'bbox' | 'segm', given: unknown): Promise<readonly number[]> => {
        const printed = JSON.parse(await evaluate('coco', '--gt', gt, '--dt', write('results.json', given), '--type', type, '--compat', 'pycocotools', '--json')) as Record<string, Record<string, number>>;
        expect(Object.keys(printed)).toEqual([type]);
        expect(Object.keys(printed[type]!)).toEqual(['AP', 'AP50', 'AP75', 'APs', 'APm', 'APl', 'AR1', 'AR10', 'AR100', 'ARs', 'ARm', 'ARl']);
        return Object.values(printed[type]!);
      };
      const [boxes, boxAreas, masks] = expected[seed]!;
      const without = results.map(({ image_id, category_id, score, segmentation }) => ({ image_id, category_id, score, segmentation }));
      for (const [got, wanted] of [[await numbers('bbox', results), boxes!], [await numbers('segm', results), boxAreas!], [await numbers('segm', without), masks!]] as const) {
        got.forEach((value, i) => expect(value).toBeCloseTo(wanted[i]!, 12));
      }
    }
  });

  it('takes other limits of detections', async () => {
    const images = [{ id: 1, height: 40, width: 40 }];
    const at = (x: number) => ({ image_id: 1, category_id: 1, bbox: [x, 0, 10, 10] });
    const gt = write('limits-gt.json', { images, categories: [{ id: 1, name: 'a' }], annotations: [0, 20].map((x, i) => ({ ...at(x), id: i + 1, area: 100, iscrowd: 0 })) });
    const dt = write('limits-dt.json', [{ ...at(30), score: 0.9 }, { ...at(0), score: 0.8 }, { ...at(20), score: 0.7 }]);
    const read = async (...more: string[]): Promise<unknown> => JSON.parse(await evaluate('coco', '--gt', gt, '--dt', dt, '--json', ...more));
    expect(await read()).toMatchObject({ bbox: { AR1: 0, AR10: 1, AR100: 1 } });
    // The surest of three is wrong, so two find one object.
    expect(await read('--max-dets', '1,2,3')).toMatchObject({ bbox: { AR1: 0, AR10: 0.5, AR100: 1 } });
    const table = await evaluate('coco', '--gt', gt, '--dt', dt, '--max-dets', '1,2,3');
    expect(table.split('\n').map((line) => / maxDets= *(\d+)/.exec(line)?.[1]).filter(Boolean)).toEqual(['3', '3', '3', '3', '3', '3', '1', '2', '3', '3', '3', '3']);
    const { code, stderr } = await maskbench(['eval', 'coco', '--gt', gt, '--dt', dt, '--max-dets', '1,10']);
    expect([code, stderr]).toEqual([2, expect.stringContaining('Three whole numbers from 1 on are needed')]);
  });

  it('takes a result\'s own box where it has one, also behind one that has none, as pycocotools does', async () => {
    const corners = [[2, 2, 12, 2, 12, 12, 2, 12]];
    const half = [[2, 2, 12, 2, 12, 8, 2, 8]];
    const images = [{ id: 1, height: 20, width: 30 }, { id: 2, height: 20, width: 30 }];
    const annotations = [1, 2].map((id) => ({ id, image_id: id, category_id: 1, bbox: [2, 2, 10, 10], area: 100, iscrowd: 0, segmentation: corners }));
    const gt = write('mixed-gt.json', { images, categories: [{ id: 1, name: 'a' }], annotations });
    const dt = write('mixed-dt.json', [{ image_id: 1, category_id: 1, score: 0.9, segmentation: corners }, { image_id: 2, category_id: 1, score: 0.8, segmentation: half, bbox: [2, 2, 10, 10] }]);
    // Its mask's own box would overlap by 0.6.
    expect(JSON.parse(await evaluate('coco', '--gt', gt, '--dt', dt, '--compat', 'pycocotools', '--json'))).toMatchObject({ bbox: { AP: 1 } });
  });

  it('takes an empty box for none, and a box for the mask of a result that has none, as pycocotools does', async () => {
    const corners = [[2, 2, 12, 2, 12, 12, 2, 12]];
    const annotation = { id: 1, image_id: 1, category_id: 1, bbox: [2, 2, 10, 10], area: 100, iscrowd: 0, segmentation: corners };
    const gt = write('masks-gt.json', { images: [{ id: 1, height: 20, width: 30 }], categories: [{ id: 1, name: 'a' }], annotations: [annotation] });
    const segm = async (result: object): Promise<unknown> => JSON.parse(await evaluate('coco', '--gt', gt, '--dt', write('masks-dt.json', [{ image_id: 1, category_id: 1, score: 0.9, ...result }]), '--type', 'segm', '--json'));
    expect((await segm({ bbox: [], segmentation: corners }) as { segm: { AP: number } }).segm.AP).toBeCloseTo(1, 12);
    // 60 of 100 pixels: three of the ten thresholds.
    const found = await segm({ bbox: [2, 2, 10, 6] }) as { segm: { AP: number } };
    expect(found.segm.AP).toBeCloseTo(0.3, 12);
    expect(await evaluate('coco', '--gt', gt, '--dt', write('masks-dt.json', [{ image_id: 1, category_id: 1, score: 0.9 }]), '--type', 'segm')).toMatch(/segmentation is missing/);
  });

  it('tells on stderr how many results have a box in the place of a mask, where masks are compared', async () => {
    const annotation = { id: 1, image_id: 1, category_id: 1, bbox: [2, 2, 10, 10], area: 100, iscrowd: 0, segmentation: [[2, 2, 12, 2, 12, 12, 2, 12]] };
    const gt = write('masks-gt.json', { images: [{ id: 1, height: 20, width: 30 }], categories: [{ id: 1, name: 'a' }], annotations: [annotation] });
    const found = { image_id: 1, category_id: 1, score: 0.9, bbox: [2, 2, 10, 10] };
    const dt = write('boxes-dt.json', [found, { ...found, segmentation: annotation.segmentation }]);
    const told = async (type: string): Promise<string> => (await inProcess('eval', 'coco', '--gt', gt, '--dt', dt, '--type', type)).stderr;
    expect(await told('segm')).toBe(`1 of the results in ${dt} has no segmentation: the box is taken for the mask, as by pycocotools.\n`);
    expect(await told('bbox')).toBe('');
  });

  it('tells on stderr of annotations that are odd, and counts them', async () => {
    const annotation = { id: 1, image_id: 5, category_id: 3, bbox: [2, 2, 10, 10], area: 100, iscrowd: false };
    const gt = write('odd.json', { images: [{ id: 5, height: 20, width: 30 }], categories: [{ id: 3, name: 'a' }], annotations: [annotation, { ...annotation, id: 2, bbox: [25, 2, 10, 10] }, { ...annotation, id: 3, bbox: [2, 2, 0, 10] }, { ...annotation, id: 4, area: -5 }, { ...annotation, id: 6, iscrowd: true }] });
    const { stdout, stderr, code } = await maskbench(['eval', 'coco', '--gt', gt, '--dt', write('nothing-found.json', []), '--json']);
    expect([code, stderr]).toEqual([0, `3 of the annotations in ${gt} are odd and counted as pycocotools does, such as annotation 2: its box [25, 2, 10, 10] lies outside its image of 20 x 30 pixels (height x width).\n`]);
    expect(JSON.parse(stdout)).toMatchObject({ bbox: { AP: 0 } });
  });

  it.each([null, 0, -1, 2.5, '20', undefined])('evaluates boxes where an image\'s height is %j, which masks need, as pycocotools does', async (height) => {
    const annotation = { id: 1, image_id: 5, category_id: 3, bbox: [2, 2, 10, 10], area: 100, iscrowd: 0, segmentation: [[2, 2, 12, 2, 12, 12, 2, 12]] };
    for (const size of [{ height, width: 30 }, { height: 30, width: height }]) {
      const gt = write('flat.json', { images: [{ id: 5, ...size }], categories: [{ id: 3, name: 'a' }], annotations: [annotation] });
      const found = { image_id: 5, category_id: 3, score: 0.5 };
      const dt = write('flat-dt.json', [{ ...found, bbox: [2, 2, 10, 10] }]);
      expect((JSON.parse(await evaluate('coco', '--gt', gt, '--dt', dt, '--json')) as { bbox: { AP: number } }).bbox.AP).toBeCloseTo(1, 12);
      expect(await evaluate('coco', '--gt', gt, '--dt', dt, '--type', 'segm')).toMatch(/image 5: (height|width) is .*, expected/);
      expect(await evaluate('coco', '--gt', gt, '--dt', write('flat-dt.json', [{ ...found, segmentation: annotation.segmentation }]))).toMatch(/result 0: its image has no height and width in the ground truth/);
    }
  });

  it('says of a file that is longer than a text can be that it is, and what to do', async () => {
    const gt = write('whole-gt.json', { images: [], categories: [], annotations: [] });
    const long = write('long.json', '');
    truncateSync(long, constants.MAX_STRING_LENGTH + 1);
    for (const files of [['--gt', long, '--dt', gt], ['--gt', gt, '--dt', long]]) {
      const message = await evaluate('coco', ...files);
      expect(message).toMatch(/long\.json: has more than 511 MiB, and no more of a JSON file can be read\n {2}Make it smaller: .*100 surest/);
      expect(message).not.toMatch(/It is to be/);
    }
  });

  it('prints three decimals as Python does: what lies in the middle of two goes to the even one', () => {
    // '{:0.3f}'.format(n / 16), and of numbers next to the middle.
    const printed = [
      [0.0625, '0.062'], [0.1875, '0.188'], [0.3125, '0.312'], [0.4375, '0.438'], [0.5625, '0.562'], [0.6875, '0.688'], [0.8125, '0.812'], [0.9375, '0.938'],
      [0.0005, '0.001'], [0.0015, '0.002'], [0.0025, '0.003'], [0.5005, '0.500'], [0.06250000000000001, '0.063'], [0.1, '0.100'], [1, '1.000'], [0, '0.000'], [-1, '-1.000'],
    ] as const;
    const none = { AP: 0, AP50: 0, AP75: 0, APs: 0, APm: 0, APl: 0, AR1: 0, AR10: 0, AR100: 0, ARs: 0, ARm: 0, ARl: 0 };
    for (const [value, text] of printed) expect(/ = (.*)/.exec(cocoTable({ summary: { ...none, AP: value }, maxDets: [1, 10, 100] }))![1]).toBe(text);
  });

  it('passes over what is of a category that the truth has not, as pycocotools does, and tells how much', async () => {
    const annotation = { id: 1, image_id: 5, category_id: 3, bbox: [2, 2, 10, 10], area: 100, iscrowd: 0 };
    const gt = write('few.json', { images: [{ id: 5 }], categories: [{ id: 3, name: 'a' }], annotations: [annotation, { ...annotation, id: 2, category_id: 4 }, { ...annotation, id: 3, image_id: 6 }] });
    const result = { image_id: 5, category_id: 3, bbox: [2, 2, 10, 10], score: 0.5 };
    const dt = write('all-classes.json', [{ ...result, category_id: 9, score: 0.9 }, result, { ...result, category_id: 10 }]);
    const { stdout, stderr, code } = await maskbench(['eval', 'coco', '--gt', gt, '--dt', dt, '--json']);
    expect([code, stderr]).toEqual([0, `2 of the annotations in ${gt} are of an image or a category that ${gt} does not have, and passed over as by pycocotools, such as annotation 2 (category_id 4).\n2 of the results in ${dt} are of a category that ${gt} does not have, and passed over as by pycocotools, such as result 0 (category_id 9).\n`]);
    expect(JSON.parse(stdout)).toMatchObject({ bbox: { AR1: 1, AR100: 1 } });
  });

  it('tells odd boxes of results, and the limits where they are not COCO\'s', async () => {
    const gt = write('odd-gt.json', { images: [{ id: 5, height: 40, width: 60 }], categories: [{ id: 3, name: 'a' }], annotations: [{ id: 1, image_id: 5, category_id: 3, bbox: [2, 2, 10, 10], area: 100, iscrowd: 0 }] });
    const result = { image_id: 5, category_id: 3, score: 0.5 };
    const dt = write('odd-dt.json', [{ ...result, bbox: [2, 2, 10, 10] }, { ...result, bbox: [5, 5, -20, 20] }, { ...result, bbox: [30, 30, 40, 39] }]);
    const { stdout, stderr, code } = await maskbench(['eval', 'coco', '--gt', gt, '--dt', dt, '--json', '--max-dets', '1,3,300']);
    expect([code, stderr]).toEqual([0, `2 of the results in ${dt} are odd and counted as pycocotools does, such as result 1: its box [5, 5, -20, 20] has no area.\n`]);
    expect(JSON.parse(stdout)).toMatchObject({ bbox: { AR100: 1 }, maxDets: [1, 3, 300] });
  });

  it('prints pycocotools\' table, as a process', async () => {
    const box = [10, 10, 40, 40];
    const gt = write('gt.json', { images: [{ id: 5 }], categories: [{ id: 3, name: 'a' }], annotations: [{ id: 1, image_id: 5, category_id: 3, bbox: box, area: 1600, iscrowd: 0 }] });
    const dt = write('dt.json', [{ image_id: 5, category_id: 3, score: 0.5, bbox: [10, 10, 40, 20] }]);
    const { code, stdout, stderr } = await maskbench(['eval', 'coco', '--gt', gt, '--dt', dt]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toBe(` Average Precision  (AP) @[ IoU=0.50:0.95 | area=   all | maxDets=100 ] = 0.100
 Average Precision  (AP) @[ IoU=0.50      | area=   all | maxDets=100 ] = 1.000
 Average Precision  (AP) @[ IoU=0.75      | area=   all | maxDets=100 ] = 0.000
 Average Precision  (AP) @[ IoU=0.50:0.95 | area= small | maxDets=100 ] = -1.000
 Average Precision  (AP) @[ IoU=0.50:0.95 | area=medium | maxDets=100 ] = 0.100
 Average Precision  (AP) @[ IoU=0.50:0.95 | area= large | maxDets=100 ] = -1.000
 Average Recall     (AR) @[ IoU=0.50:0.95 | area=   all | maxDets=  1 ] = 0.100
 Average Recall     (AR) @[ IoU=0.50:0.95 | area=   all | maxDets= 10 ] = 0.100
 Average Recall     (AR) @[ IoU=0.50:0.95 | area=   all | maxDets=100 ] = 0.100
 Average Recall     (AR) @[ IoU=0.50:0.95 | area= small | maxDets=100 ] = -1.000
 Average Recall     (AR) @[ IoU=0.50:0.95 | area=medium | maxDets=100 ] = 0.100
 Average Recall     (AR) @[ IoU=0.50:0.95 | area= large | maxDets=100 ] = -1.000
`);
  });

  describe('says what is wrong, with file, place and reason', () => {
    const { truth, results } = generated(8);
    const first = results[0]!;
    const truthFile = (change: Partial<Record<keyof Instances, unknown>>): string => write('gt-changed.json', { ...truth, ...change });
    const annotation = (change: Record<string, unknown>): string => truthFile({ annotations: [{ ...truth.annotations[0], ...change }] });
    const result = (change: Partial<Record<keyof Result, unknown>>): string => write('dt-changed.json', [first, { ...first, ...change }]);
    const gt = (): string => write('gt-right.json', truth);
    const dt = (): string => write('dt-right.json', results);
    const { height, width } = truth.images.find(({ id }) => id === first.image_id)!;

    it.each<[string, () => [string, string], RegExp]>([
      ['no such file', () => [join(folder, 'none.json'), dt()], /none\.json: there is no such file\n {2}Correct its path\.$/],
      ['no JSON', () => [gt(), write('dt-changed.json', '[{')], /dt-changed\.json: is not JSON/],
      ['truth that is a list', () => [write('gt-changed.json', []), dt()], /gt-changed\.json: holds no object/],
      ['truth without annotations', () => [truthFile({ annotations: undefined }), dt()], /has no list 'annotations'/],
      ['two images of one id', () => [truthFile({ images: [...truth.images, truth.images[0]] }), dt()], /images\[\d+\]: a second one with the id \d+/],
      ['an annotation that is none', () => [truthFile({ annotations: [1] }), dt()], /annotations\[0\]: is no object/],
      ['an id that is too large', () => [annotation({ image_id: 2 ** 53 }), dt()], /annotation \d+: image_id is 9007199254740992, expected an integer of at most 2\^53 - 1/],
      ['an annotation without area', () => [annotation({ area: undefined }), dt()], /annotation \d+: area is missing, expected a finite number/],
      ['a polygon of two corners', () => [annotation({ segmentation: [[1, 2, 3, 4]] }), dt()], /annotation \d+: a polygon has at least three corners/],
      ['results that are no list', () => [gt(), write('dt-changed.json', { annotations: [] })], /dt-changed\.json: holds no list of results/],
      ['a result that is none', () => [gt(), write('dt-changed.json', [first, 7])], /result 1: is no object/],
      ['an unknown image', () => [gt(), result({ image_id: 9999 })], /result 1: image_id is 9999, and there is no image in the ground truth/],
      ['no score', () => [gt(), result({ score: undefined })], /result 1: score is missing, expected a finite number/],
      ['a score that is NaN, as Python writes it', () => [gt(), write('dt-changed.json', JSON.stringify([first, first]).replace(`"score":${first.score}`, '"score": NaN'))], /result 0: score is "NaN", expected a finite number/],
      ['a box of three numbers', () => [gt(), result({ bbox: [1, 2, 3] })], /result 1: bbox is \[1,2,3\], expected \[left, top, width, height\]/],
      ['no mask', () => [gt(), result({ segmentation: 3 })], /result 1: segmentation is 3/],
      ['a mask of another size', () => [gt(), result({ segmentation: { size: [width + 1, height], counts: '0' } })], new RegExp(`result 1: a mask of ${width + 1} x ${height} in a picture of ${height} x ${width}`)],
      ['run lengths that are too short', () => [gt(), result({ segmentation: { size: [height, width], counts: [3] } })], /result 1: the run lengths come to 3 pixels/],
    ])('%s', async (_, files, message) => {
      const [truthPath, resultsPath] = files();
      expect(await evaluate('coco', '--gt', truthPath, '--dt', resultsPath, '--type', 'segm')).toMatch(message);
    });

    it('as a process with exit code 2 and one message', async () => {
      const { code, stdout, stderr } = await maskbench(['eval', 'coco', '--gt', gt(), '--dt', result({ image_id: 9999 })]);
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr).toMatch(/^.*dt-changed\.json: result 1: image_id is 9999.*\n {2}It is to be COCO's results.*\n$/);
    });
  });
});

describe('maskbench eval seg', () => {
  const [truth, predicted] = [join(folder, 'truth'), join(folder, 'predicted')];
  const png = (path: string, pixels: readonly number[], width: number): Promise<unknown> =>
    sharp(Uint8Array.from(pixels), { raw: { width, height: pixels.length / width, channels: 1 } }).toColourspace('b-w').png().toFile(path);
  // The example that test/metrics/segmentation works out by hand, in two files.
  beforeAll(async () => {
    for (const name of [truth, predicted]) mkdirSync(join(name, 'street'), { recursive: true });
    await png(join(truth, 'a.png'), [0, 0, 0, 1], 2);
    await png(join(predicted, 'a.png'), [0, 0, 1, 1], 2);
    await png(join(truth, 'street/b.png'), [1, 255], 2);
    await png(join(predicted, 'street/b.png'), [2, 0], 2);
  });
  const scores = { mIoU: (2 / 3 + 1 / 3) / 2, pixelAccuracy: 3 / 5, meanAccuracy: (2 / 3 + 1 / 2) / 2, perClass: [2 / 3, 1 / 3, null, null], absent: [2, 3], images: 2, classes: 4, ignored: 1 / 6 };

  it('pools the pixels of all files, in folders too', async () => {
    expect(JSON.parse(await evaluate('seg', '--gt', truth, '--pred', predicted, '--classes', '4', '--json'))).toEqual(scores);
  });

  it('reads what palettes stand for', async () => {
    // The colours are not the indices: red is class 0, blue 1, green 2 in the order in which the file lists them.
    const paletted = join(folder, 'paletted');
    mkdirSync(join(paletted, 'street'), { recursive: true });
    // [[0, 0], [1, 1]] and [[2, 0]], written by Pillow 13 in mode P.
    writeFileSync(join(paletted, 'a.png'), Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAIAAAACAgMAAAAP2OW3AAAACVBMVEX/AAAAAP8A/wCHDR4IAAAADElEQVR4nGNgYAgAAABUAFFJmUWTAAAAAElFTkSuQmCC', 'base64'));
    writeFileSync(join(paletted, 'street/b.png'), Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAIAAAABAgMAAACJTJcZAAAACVBMVEX/AAAAAP8A/wCHDR4IAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg==', 'base64'));
    expect(JSON.parse(await evaluate('seg', '--gt', truth, '--pred', paletted, '--classes', '4', '--json'))).toEqual(scores);
  });

  it('follows links to files, and passes over hidden ones', async () => {
    const linked = join(folder, 'linked');
    mkdirSync(join(linked, 'street'), { recursive: true });
    for (const name of ['a.png', 'street/b.png']) symlinkSync(join(truth, name), join(linked, name));
    writeFileSync(join(linked, '._a.png'), 'what a Mac leaves');
    expect(JSON.parse(await evaluate('seg', '--gt', linked, '--pred', predicted, '--classes', '4', '--json'))).toEqual(scores);
  });

  it('refuses masks of 0 and 255, and those that count nowhere, which any prediction would fit', async () => {
    const [is, said] = [join(folder, 'binary'), join(folder, 'binary-said')];
    for (const name of [is, said]) mkdirSync(name, { recursive: true });
    await png(join(is, 'a.png'), [0, 255, 0, 255], 2);
    await png(join(said, 'a.png'), [0, 0, 0, 0], 2);
    expect(await evaluate('seg', '--gt', is, '--pred', said)).toMatch(/binary: its 1 label maps have no label but 0 and 255, which does not count\n {2}Label pixels by their class from 0 on\./);
    expect(JSON.parse(await evaluate('seg', '--gt', is, '--pred', said, '--classes', '1', '--json'))).toMatchObject({ mIoU: 1, ignored: 0.5 });
    await png(join(is, 'a.png'), [255, 255, 255, 255], 2);
    expect(await evaluate('seg', '--gt', is, '--pred', said)).toMatch(/binary: its 1 label maps have no label but 255, which does not count/);
    expect(await evaluate('seg', '--gt', is, '--pred', said, '--classes', '2')).toMatch(/binary: every pixel has the label 255, which does not count\n {2}Name another label with --ignore\./);
  });

  it('prints a table, as a process', async () => {
    const { code, stdout } = await maskbench(['eval', 'seg', '--gt', truth, '--pred', predicted, '--classes', '4']);
    expect(code).toBe(0);
    expect(stdout).toBe('class               IoU\n0                0.6667\n1                0.3333\n2                     -\n3                     -\nmIoU             0.5000\npixel accuracy   0.6000\nmean accuracy    0.5833\n2 images, 4 classes, 16.7 % of the pixels ignored; not in the truth and left out of the means: 2, 3\n');
  });

  it('says what is wrong', async () => {
    const other = join(folder, 'other');
    mkdirSync(other);
    expect(await evaluate('seg', '--gt', truth, '--pred', other)).toMatch(/other: holds no PNG file/);
    await png(join(other, 'a.png'), [0, 0, 1, 1], 4);
    expect(await evaluate('seg', '--gt', truth, '--pred', other)).toMatch(/other: has no street.b\.png/);
    mkdirSync(join(other, 'street'));
    await png(join(other, 'street/b.png'), [0, 0], 2);
    expect(await evaluate('seg', '--gt', truth, '--pred', other)).toMatch(/a\.png: is 1 x 4, the truth 2 x 2/);
    // The truth's labels are 0 and 1; one prediction is 2.
    expect(await evaluate('seg', '--gt', truth, '--pred', predicted)).toMatch(/b\.png: this and its truth cannot be compared: the predicted class of pixel 0 is 2, expected an integer in 0\.\.1\n.*--classes/);
    expect(await evaluate('seg', '--gt', truth, '--pred', predicted, '--classes', '4', '--ignore', '7')).toMatch(/the true class of pixel 1 is 255/);
    expect(await evaluate('seg', '--gt', join(folder, 'nowhere'), '--pred', other)).toMatch(/nowhere: the folder cannot be read/);
  });
});
