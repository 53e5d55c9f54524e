/**
 * Colours of a heat map from none to its largest value, RGB 0..255 at equal steps: dark to light also without colour. The report's legend has
 * the same.
 */
export const heatColours = [[10, 7, 34], [101, 21, 110], [221, 81, 58], [252, 250, 150]] as const;

/** Share of the heat in a pixel; the rest is the image in grey. */
const heatShare = 0.6;

/** The colour of a value in 0..1. */
function colourOf(value: number): readonly [number, number, number] {
  const place = Math.min(1, Math.max(0, value)) * (heatColours.length - 1);
  const below = Math.min(heatColours.length - 2, Math.floor(place));
  const part = place - below;
  const [a, b] = [heatColours[below]!, heatColours[below + 1]!];
  return [a[0] + (b[0] - a[0]) * part, a[1] + (b[1] - a[1]) * part, a[2] + (b[2] - a[2]) * part];
}

/**
 * A value for each patch as colour over an image in grey. 0 is the darkest colour, the map's largest value the lightest: an even map is light
 * everywhere.
 *
 * @param image uint8 [size, size, 3]
 * @param map [L], not negative, patches row by row
 * @returns uint8 [size, size, 3]
 */
export function heatOver(image: Uint8Array, map: Float32Array, size: number): Uint8Array {
  const side = Math.sqrt(map.length);
  const patch = size / side;
  const most = map.reduce((a, b) => Math.max(a, b), 0);
  const colours = Array.from(map, (value) => colourOf(most === 0 ? 0 : value / most));
  return Uint8Array.from({ length: size * size * 3 }, (_, at) => {
    const pixel = Math.floor(at / 3);
    const [y, x] = [Math.floor(pixel / size), pixel % size];
    const grey = 0.299 * image[3 * pixel]! + 0.587 * image[3 * pixel + 1]! + 0.114 * image[3 * pixel + 2]!;
    const colour = colours[Math.floor(y / patch) * side + Math.floor(x / patch)]![at % 3]!;
    return Math.round(heatShare * colour + (1 - heatShare) * grey);
  });
}
