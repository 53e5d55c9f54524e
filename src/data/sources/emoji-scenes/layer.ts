import type { Sprite } from './sprites.js';

/** How a sprite lies in a scene: its centre and side in pixels of the scene, turned clockwise by `angle` radians. */
export interface Pose { readonly x: number; readonly y: number; readonly side: number; readonly angle: number }

/** A posed sprite: float32 [height, width, 4] as in Sprite, its upper left pixel at (left, top) of the scene, which it may reach out of. */
export interface Layer { readonly left: number; readonly top: number; readonly width: number; readonly height: number; readonly pixels: Float32Array }

/** Samples a pixel a side. A sprite has about as many pixels there (it is drawn at 2 to 4.2 times its side in the scene), so none is passed over. */
const samples = 4;

/** Poses a sprite: each pixel is the mean of 4 x 4 of the sprite's pixels, transparent outside it. */
export function poseSprite(sprite: Sprite, { x, y, side, angle }: Pose): Layer {
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const reach = (side / 2) * (Math.abs(cos) + Math.abs(sin));
  const left = Math.floor(x - reach);
  const top = Math.floor(y - reach);
  const width = Math.ceil(x + reach) - left;
  const height = Math.ceil(y + reach) - top;
  const pixels = new Float32Array(width * height * 4);
  const { side: extent, pixels: source } = sprite;
  const scale = extent / side;
  const finest = samples ** 2;
  for (let v = 0; v < height * samples; v++) {
    const dy = (top + (v + 0.5) / samples - y) * scale;
    const row = Math.floor(v / samples) * width;
    for (let u = 0; u < width * samples; u++) {
      const dx = (left + (u + 0.5) / samples - x) * scale;
      const fromX = Math.floor(extent / 2 + cos * dx + sin * dy);
      const fromY = Math.floor(extent / 2 - sin * dx + cos * dy);
      if (fromX < 0 || fromY < 0 || fromX >= extent || fromY >= extent) continue;
      const from = (fromY * extent + fromX) * 4;
      if (source[from + 3] === 0) continue;
      const to = (row + Math.floor(u / samples)) * 4;
      pixels[to] = pixels[to]! + source[from]! / finest;
      pixels[to + 1] = pixels[to + 1]! + source[from + 1]! / finest;
      pixels[to + 2] = pixels[to + 2]! + source[from + 2]! / finest;
      pixels[to + 3] = pixels[to + 3]! + source[from + 3]! / finest;
    }
  }
  return { left, top, width, height, pixels };
}

/** Lays a layer over uint8 RGB [size, size, 3], in place. */
export function layOver(target: Uint8Array, size: number, layer: Layer): void {
  eachInside(layer, size, (from, to) => {
    const left = 1 - layer.pixels[from + 3]!;
    for (let c = 0; c < 3; c++) target[3 * to + c] = layer.pixels[from + c]! + target[3 * to + c]! * left + 0.5;
  });
}

/** Calls for every pixel of a layer that lies in the scene: where it stands in the layer's numbers, and which of the scene's pixels it is. */
export function eachInside({ left, top, width, height }: Layer, size: number, visit: (from: number, to: number) => void): void {
  for (let row = Math.max(0, -top); row < Math.min(height, size - top); row++) {
    for (let column = Math.max(0, -left); column < Math.min(width, size - left); column++) {
      visit((row * width + column) * 4, (top + row) * size + left + column);
    }
  }
}
