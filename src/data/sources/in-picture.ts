import type { AnnotatedObject, PictureSize } from '../dense.js';

/** Boxes reach out of their picture by rounding alone; they are cut there. In pixels. */
const rounding = 1;

/** The box within its picture; a text that says what is wrong with it otherwise. Pixels [left, top, width, height]. */
export function boxInPicture([left, top, width, height]: AnnotatedObject['box'], picture: PictureSize): AnnotatedObject['box'] | string {
  const told = `[${[left, top, width, height].join(', ')}]`;
  if (![left, top, width, height].every(Number.isFinite)) return `its box ${told} is not made of finite numbers`;
  if (width <= 0 || height <= 0) return `its box ${told} has no area`;
  if (!isInside([left, top, width, height], picture)) return outside(told, picture);
  const [x, y] = [Math.max(0, left), Math.max(0, top)];
  const cut = [x, y, Math.min(picture.width, left + width) - x, Math.min(picture.height, top + height) - y] as const;
  return cut[2] > 0 && cut[3] > 0 ? cut : outside(told, picture);
}

/** The same of a box without an area, which stays as it is. */
export function pointInPicture(box: AnnotatedObject['box'], picture: PictureSize): AnnotatedObject['box'] | string {
  const told = `[${box.join(', ')}]`;
  if (!box.every(Number.isFinite)) return `its box ${told} is not made of finite numbers`;
  if (box[2] < 0 || box[3] < 0) return `its box ${told} has no area`;
  return isInside(box, picture) ? box : outside(told, picture);
}

const isInside = ([left, top, width, height]: AnnotatedObject['box'], picture: PictureSize): boolean =>
  left >= -rounding && top >= -rounding && left + width <= picture.width + rounding && top + height <= picture.height + rounding;

const outside = (told: string, { height, width }: PictureSize): string => `its box ${told} lies outside the picture, which is ${height} x ${width} pixels (height x width)`;
