/** Twice the signed area of the triangle a, b, c: which side of the line from a to b the point c lies on. */
const side = (ax: number, ay: number, bx: number, by: number, cx: number, cy: number): number => (bx - ax) * (cy - ay) - (by - ay) * (cx - ax);

/**
 * Whether two edges of a closed polygon [x0, y0, x1, y1, ...] cross, each from one side of the other to the other side. What only touches
 * (a corner on an edge, an edge that goes back along another, a corner that is said twice) does not cross.
 */
export function crossesItself(polygon: readonly number[]): boolean {
  const corners = polygon.length / 2;
  const x = (corner: number): number => polygon[2 * (corner % corners)]!;
  const y = (corner: number): number => polygon[2 * (corner % corners) + 1]!;
  for (let one = 0; one + 2 < corners; one++) {
    const [ax, ay, bx, by] = [x(one), y(one), x(one + 1), y(one + 1)];
    const [left, right, top, bottom] = [Math.min(ax, bx), Math.max(ax, bx), Math.min(ay, by), Math.max(ay, by)];
    for (let other = one + 2; other < corners; other++) {
      const [cx, cy, dx, dy] = [x(other), y(other), x(other + 1), y(other + 1)];
      if (Math.max(cx, dx) <= left || Math.min(cx, dx) >= right || Math.max(cy, dy) <= top || Math.min(cy, dy) >= bottom) continue;
      if (side(ax, ay, bx, by, cx, cy) * side(ax, ay, bx, by, dx, dy) < 0 && side(cx, cy, dx, dy, ax, ay) * side(cx, cy, dx, dy, bx, by) < 0) return true;
    }
  }
  return false;
}
