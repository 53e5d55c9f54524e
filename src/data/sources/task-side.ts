import type { Side } from '../image-set.js';

/** Part that must lie on one side. */
const sidePart = 0.9;

/** Side that at least 90 % of the parts lie on: of a task by its classes, of a class by its concepts. Else, and of nothing, mixed. */
export function sideOfMost(parts: readonly (Side | 'mixed' | null | undefined)[]): Side | 'mixed' {
  for (const side of ['A', 'B'] as const) {
    if (parts.length > 0 && parts.filter((part) => part === side).length >= sidePart * parts.length) return side;
  }
  return 'mixed';
}
