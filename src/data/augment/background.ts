import type { Stream } from '../../random.js';
import type { Background } from './options.js';

/** One period of the cosine, so that a texture needs no trigonometry a pixel. */
const tableSize = 1024;
const cosines = Float32Array.from({ length: tableSize }, (_, i) => Math.cos((2 * Math.PI * i) / tableSize));
/** cos(2 pi turns). */
const cosTurns = (turns: number): number => cosines[(turns * tableSize) & (tableSize - 1)]!;

type Colour = readonly [number, number, number];

/** A colour of any hue, from pale to strong, seldom dark: 0..255 a channel. */
function colour(draws: Stream): Colour {
  const hue = draws.uniform() * 6;
  const saturation = draws.between(0.05, 0.75);
  const value = draws.between(0.3, 1) * 255;
  const channel = (shift: number): number => {
    const k = (shift + hue) % 6;
    return value * (1 - saturation * Math.max(0, Math.min(k, 4 - k, 1)));
  };
  return [channel(5), channel(3), channel(1)];
}

// Work memory of one picture's texture, 0..1 a pixel. Filled anew at every call.
let field = new Float32Array(0);

/**
 * Paints a background: uint8 RGB [size, size, 3] into `target` at `offset`, a function of the draws alone. A linear or
 * radial gradient between two colours; for `textures` in three of five pictures a third colour is laid over it as soft
 * noise, stripes, checks or dots. Lengths are fractions of the picture, so that sizes look alike.
 */
export function paintBackground(target: Uint8Array, offset: number, size: number, kind: Background, draws: Stream): void {
  if (kind === 'white') {
    target.fill(255, offset, offset + size * size * 3);
    return;
  }
  if (field.length < size * size) field = new Float32Array(size * size);
  const from = colour(draws);
  const to = colour(draws);
  const over = colour(draws);
  if (draws.uniform() < 0.7) linear(size, draws);
  else radial(size, draws);
  blend(target, offset, size, from, to);
  if (kind === 'gradients') return;
  const texture = draws.integer(5);
  if (texture < 2) return;
  if (texture === 2) noise(size, draws);
  else if (texture === 3) stripes(size, draws);
  else grid(size, draws);
  cover(target, offset, size, over, draws.between(0.2, 0.7));
}

/** target = from + (to - from) * field. */
function blend(target: Uint8Array, offset: number, size: number, from: Colour, to: Colour): void {
  const [r, g, b] = from;
  const [dr, dg, db] = [to[0] - r, to[1] - g, to[2] - b];
  let at = offset;
  for (let i = 0; i < size * size; i++, at += 3) {
    const t = field[i]!;
    target[at] = r + dr * t + 0.5;
    target[at + 1] = g + dg * t + 0.5;
    target[at + 2] = b + db * t + 0.5;
  }
}

/** Lays a colour over what is there, with opacity field * strength. */
function cover(target: Uint8Array, offset: number, size: number, over: Colour, strength: number): void {
  const [r, g, b] = over;
  let at = offset;
  for (let i = 0; i < size * size; i++, at += 3) {
    const t = field[i]! * strength;
    target[at] = target[at]! + (r - target[at]!) * t + 0.5;
    target[at + 1] = target[at + 1]! + (g - target[at + 1]!) * t + 0.5;
    target[at + 2] = target[at + 2]! + (b - target[at + 2]!) * t + 0.5;
  }
}

function linear(size: number, draws: Stream): void {
  const angle = draws.uniform() * 2 * Math.PI;
  const dx = Math.cos(angle);
  const dy = Math.sin(angle);
  // The gradient's ends touch the corners: |dx| + |dy| is the square's extent along the direction.
  const scale = 1 / (size * (Math.abs(dx) + Math.abs(dy)));
  let i = 0;
  for (let y = 0; y < size; y++) {
    const along = 0.5 + (y + 0.5 - size / 2) * dy * scale;
    for (let x = 0; x < size; x++) field[i++] = along + (x + 0.5 - size / 2) * dx * scale;
  }
}

function radial(size: number, draws: Stream): void {
  const cx = draws.uniform() * size;
  const cy = draws.uniform() * size;
  const inverse = 1 / (draws.between(0.6, 1.4) * size);
  let i = 0;
  for (let y = 0; y < size; y++) {
    const dy2 = (y + 0.5 - cy) ** 2;
    for (let x = 0; x < size; x++) {
      const dx = x + 0.5 - cx;
      field[i++] = Math.min(Math.sqrt(dx * dx + dy2) * inverse, 1);
    }
  }
}

/** Value noise of two octaves on a lattice of 3 to 7 cells a side. */
function noise(size: number, draws: Stream): void {
  const cells = 3 + draws.integer(5);
  octave(size, cells, 0.7, true, draws);
  octave(size, cells * 2, 0.3, false, draws);
}

function octave(size: number, cells: number, weight: number, first: boolean, draws: Stream): void {
  const side = cells + 1;
  const lattice = new Float32Array(side * side);
  for (let i = 0; i < lattice.length; i++) lattice[i] = draws.uint32() / 2 ** 32;
  const fractions = new Float32Array(size);
  const cellOf = new Int32Array(size);
  for (let x = 0; x < size; x++) {
    const position = ((x + 0.5) / size) * cells;
    const cell = Math.floor(position);
    const t = position - cell;
    cellOf[x] = cell;
    fractions[x] = t * t * (3 - 2 * t);
  }
  let i = 0;
  for (let y = 0; y < size; y++) {
    const row = cellOf[y]! * side;
    const v = fractions[y]!;
    for (let x = 0; x < size; x++, i++) {
      const at = row + cellOf[x]!;
      const u = fractions[x]!;
      const upper = lattice[at]! + (lattice[at + 1]! - lattice[at]!) * u;
      const lower = lattice[at + side]! + (lattice[at + side + 1]! - lattice[at + side]!) * u;
      const value = (upper + (lower - upper) * v) * weight;
      field[i] = first ? value : field[i]! + value;
    }
  }
}

/** Soft stripes of any direction, 2 to 6 of them across the picture. */
function stripes(size: number, draws: Stream): void {
  const angle = draws.uniform() * Math.PI;
  const count = draws.between(2, 6) / size;
  const dx = Math.cos(angle) * count;
  const dy = Math.sin(angle) * count;
  const phase = draws.uniform() + 64;
  let i = 0;
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) field[i++] = 0.5 + 0.5 * cosTurns(phase + x * dx + y * dy);
  }
}

/** Checks (product of two waves) or dots (its square: only the peaks show), turned by any angle. */
function grid(size: number, draws: Stream): void {
  const angle = draws.uniform() * Math.PI;
  const count = draws.between(1.5, 5) / size;
  const dx = Math.cos(angle) * count;
  const dy = Math.sin(angle) * count;
  const phase = draws.uniform() + 64;
  const second = draws.uniform() + 64;
  const dots = draws.uniform() < 0.5;
  let i = 0;
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const wave = cosTurns(phase + x * dx + y * dy) * cosTurns(second + y * dx - x * dy);
      field[i++] = dots ? wave * wave : 0.5 + 0.5 * wave;
    }
  }
}
