/**
 * Compact letter display (Piepho 2004): for members in order, letters such that two share one exactly where `differs` is false of
 * them. Each letter stands for a largest set of members of which no two differ; letters go by the first member of their sets.
 *
 * @param differs symmetric, of the indices of two members
 * @returns of each member the numbers of its letters, ascending from 0
 */
export function letterGroups(members: number, differs: (a: number, b: number) => boolean): readonly (readonly number[])[] {
  let sets: readonly (readonly number[])[] = members === 0 ? [] : [Array.from({ length: members }, (_, member) => member)];
  for (let a = 0; a < members; a++) {
    for (let b = a + 1; b < members; b++) {
      if (!differs(a, b)) continue;
      // A set that holds both falls into one without each; what lies within another set is no group of its own.
      const split = sets.flatMap((set) => (set.includes(a) && set.includes(b) ? [set.filter((one) => one !== b), set.filter((one) => one !== a)] : [set]));
      sets = split.filter((set, at) => !split.some((other, place) => place !== at && within(set, other) && (set.length < other.length || place < at)));
    }
  }
  const ordered = sets.toSorted((x, y) => firstDifference(x, y));
  return Array.from({ length: members }, (_, member) => ordered.flatMap((set, letter) => (set.includes(member) ? [letter] : [])));
}

const within = (set: readonly number[], other: readonly number[]): boolean => set.every((one) => other.includes(one));

function firstDifference(x: readonly number[], y: readonly number[]): number {
  const at = x.findIndex((one, index) => one !== y[index]);
  return at === -1 ? 0 : x[at]! - (y[at] ?? -1);
}
