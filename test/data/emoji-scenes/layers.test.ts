import { describe, expect, it } from 'vitest';
import { eachInside, layOver, poseSprite, type Layer } from '../../../src/data/sources/emoji-scenes/layer.js';
import { areasOf, fullArea, outlineOf, withOwner } from '../../../src/data/sources/emoji-scenes/owners.js';
import { spriteOf } from '../../../src/data/sources/emoji-scenes/sprites.js';

/** A layer of one colour, by rows of alpha. */
const layer = (left: number, top: number, alphas: readonly (readonly number[])[], colour: readonly number[] = [200, 100, 0]): Layer => ({
  left, top, width: alphas[0]!.length, height: alphas.length,
  pixels: Float32Array.from(alphas.flat().flatMap((alpha) => [...colour.map((value) => value * alpha), alpha])),
});
const empty = (size: number) => new Int16Array(size * size).fill(-1);

describe('who owns a pixel', () => {
  it('is whoever covers at least half of it', () => {
    const owners = withOwner(empty(3), 3, layer(0, 0, [[0.49, 0.5, 1], [0.1, 1, 0], [0, 0, 0.75]]), 0);
    expect([...owners]).toEqual([-1, 0, 0, -1, 0, -1, -1, -1, 0]);
  });

  it('is the one in front, not what is behind', () => {
    const behind = withOwner(empty(3), 3, layer(0, 0, [[1, 1], [1, 1]]), 0);
    const owners = withOwner(behind, 3, layer(1, 1, [[0.5, 0.4], [1, 1]]), 1);
    expect([...owners]).toEqual([0, 0, -1, 0, 1, -1, -1, 1, 1]);
    // A thin veil in front takes nothing.
    expect([...withOwner(behind, 3, layer(0, 0, [[0.4, 0.4], [0.4, 0.4]]), 1)]).toEqual([...behind]);
    expect(areasOf(owners, 2)).toEqual([3, 3]);
  });

  it('may lie partly outside, which counts to the full area alone', () => {
    const beyond = layer(-1, 2, [[1, 1, 0.5], [1, 1, 1]]);
    const owners = withOwner(empty(3), 3, beyond, 0);
    expect([...owners]).toEqual([-1, -1, -1, -1, -1, -1, 0, 0, -1]);
    expect(fullArea(beyond)).toBe(6);
    expect(areasOf(owners, 1)).toEqual([2]);
  });
});

describe('the outline of an object', () => {
  // Rows: . 0 . . / 0 0 1 . / . 1 1 . / . . . .
  const owners = Int16Array.from([-1, 0, -1, -1, 0, 0, 1, -1, -1, 1, 1, -1, -1, -1, -1, -1]);

  it('is the tight box and the runs down the columns', () => {
    // Down the columns object 0 is .0.. 00.. .... .... and object 1 .... ..1. .11. ....
    expect(outlineOf(owners, 4, 0)).toEqual({ box: [0, 0, 2, 2], area: 3, mask: { size: [4, 4], counts: [1, 1, 2, 2, 10] } });
    expect(outlineOf(owners, 4, 1)).toEqual({ box: [1, 1, 2, 2], area: 3, mask: { size: [4, 4], counts: [6, 1, 2, 2, 5] } });
  });

  it('starts with no zeros where the first pixel is its own', () => {
    expect(outlineOf(Int16Array.from([0, -1, -1, 0]), 2, 0)).toEqual({ box: [0, 0, 2, 2], area: 2, mask: { size: [2, 2], counts: [0, 1, 2, 1] } });
  });
});

describe('a posed sprite', () => {
  // 8 x 8, opaque, the left half red and the right half green.
  const halves = spriteOf(Uint8Array.from({ length: 256 }, (_, i) => [(i >> 2) % 8 < 4 ? 255 : 0, (i >> 2) % 8 < 4 ? 0 : 255, 0, 255][i % 4]!), 8);
  const rows = ({ width, height, pixels }: Layer, channel: number): number[][] =>
    Array.from({ length: height }, (_, y) => Array.from({ length: width }, (_, x) => pixels[(y * width + x) * 4 + channel]!));

  it('keeps colours and sides where it is shrunk by whole pixels', () => {
    const posed = poseSprite(halves, { x: 3, y: 2, side: 2, angle: 0 });
    expect([posed.left, posed.top]).toEqual([2, 1]);
    expect(rows(posed, 3)).toEqual([[1, 1], [1, 1]]);
    expect(rows(posed, 0)).toEqual([[255, 0], [255, 0]]);
    expect(rows(posed, 1)).toEqual([[0, 255], [0, 255]]);
  });

  it('covers edge pixels in part', () => {
    // Half a pixel to the right: columns are covered by a half, by one, by a half.
    expect(rows(poseSprite(halves, { x: 3.5, y: 2, side: 2, angle: 0 }), 3)).toEqual([[0.5, 1, 0.5], [0.5, 1, 0.5]]);
  });

  it('turns clockwise: what was left is up', () => {
    const posed = poseSprite(halves, { x: 3, y: 3, side: 2, angle: Math.PI / 2 });
    let red = 0;
    let green = 0;
    eachInside(posed, 6, (from, to) => {
      red += posed.pixels[from]! * (Math.floor(to / 6) < 3 ? 1 : -1);
      green += posed.pixels[from + 1]! * (Math.floor(to / 6) < 3 ? -1 : 1);
    });
    expect(red).toBeCloseTo(510, 3);
    expect(green).toBeCloseTo(510, 3);
  });

  it('has the same area at any angle', () => {
    for (const angle of [0, 0.3, 0.7, -0.5]) {
      const { pixels } = poseSprite(halves, { x: 10.3, y: 9.6, side: 3.7, angle });
      let area = 0;
      for (let at = 3; at < pixels.length; at += 4) area += pixels[at]!;
      expect(Math.abs(area - 3.7 ** 2), String(angle)).toBeLessThan(0.5);
    }
  });
});

it('a layer is laid over by its alpha', () => {
  const picture = Uint8Array.from([10, 20, 30, 10, 20, 30, 10, 20, 30, 10, 20, 30]);
  layOver(picture, 2, layer(1, 0, [[0.5, 1], [1, 1]]));
  // 200 x 0.5 + 10 x 0.5 = 105; 100 x 0.5 + 20 x 0.5 = 60; 0 + 30 x 0.5 = 15.
  expect([...picture]).toEqual([10, 20, 30, 105, 60, 15, 10, 20, 30, 200, 100, 0]);
});
