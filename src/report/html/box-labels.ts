/** A box in pixels of a square tile, and what is to be written beside it. */
export interface LabelledBox { readonly box: readonly number[]; readonly text: string }

/** `x`, `y`: in percent of the tile; `dx`, `dy`: of the text's baseline from there, in CSS pixels. `atEnd`: the text ends there. */
export interface LabelPlace { readonly text: string; readonly x: string; readonly y: string; readonly dx: number; readonly dy: number; readonly atEnd: boolean }

/** The least that a tile is wide in the page (style.css), a line of text and a character of a wide font, in CSS pixels. On a wider tile texts take less of it. */
const shownTile = 150;
const line = { above: 9, below: 3 };
const character = 7.3;
/** From an edge to a baseline on either side of it. */
const over = -3;
const under = 11;

export const share = (pixels: number, tile: number): string => ((100 * pixels) / tile).toFixed(2);

interface Area { readonly left: number; readonly right: number; readonly top: number; readonly bottom: number }
const overlap = (a: Area, b: Area): boolean => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;

/**
 * Where each box's text goes, the first boxes first: above its box, within it or below, at its left or right end or at the
 * tile's, where it lies over no other text. Null where there is no such place: the box has its colour still.
 */
export function placeLabels(boxes: readonly LabelledBox[], tile: number): readonly (LabelPlace | null)[] {
  const taken: Area[] = [];
  const within = (pixels: number): number => Math.max(0, Math.min(tile, pixels));
  return boxes.map(({ box: [left = 0, top = 0, width = 0, height = 0], text }) => {
    const inRight = left + width / 2 > tile / 2;
    const rows = [{ edge: top, dy: over }, { edge: top, dy: under }, { edge: top + height, dy: over }, { edge: top + height, dy: under }];
    if (top < tile / 8) rows.unshift(...rows.splice(1, 1));
    const length = text.length * character;
    const places = [[within(left), within(left + width)], [0, tile]].flatMap(([first, last]) => {
      const ends = [{ corner: first!, dx: 2, atEnd: false }, { corner: last!, dx: -2, atEnd: true }];
      if (inRight) ends.reverse();
      return rows.flatMap((row) => ends.map((end) => ({ ...row, ...end })));
    });
    for (const { edge, dy, corner, dx, atEnd } of places) {
      const from = (corner / tile) * shownTile + dx - (atEnd ? length : 0);
      const baseline = (edge / tile) * shownTile + dy;
      const area = { left: from, right: from + length, top: baseline - line.above, bottom: baseline + line.below };
      const leaves = area.top < 0 || area.bottom > shownTile || ((area.left < 0 || area.right > shownTile) && length < shownTile - 4);
      if (leaves || taken.some((other) => overlap(area, other))) continue;
      taken.push(area);
      return { text, x: share(corner, tile), y: share(edge, tile), dx, dy, atEnd };
    }
    return null;
  });
}
