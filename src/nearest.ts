import { distance } from 'fastest-levenshtein';

/**
 * The valid name that is nearest to a wrong one, if it is near enough to be a slip: at most a third of the letters differ
 * (two in short names), or one begins or ends with the other; a beginning beats two edits. Undefined when none is: a far-fetched suggestion sends
 * people the wrong way. Case and `_` for `-` count as no difference.
 */
export function nearest(wrong: string, valid: Iterable<string>): string | undefined {
  const asked = plain(wrong);
  let best: { readonly name: string; readonly score: number } | undefined;
  for (const name of valid) {
    const candidate = plain(name);
    const longer = Math.max(asked.length, candidate.length);
    const limit = Math.max(Math.min(2, longer - 1), Math.floor(longer / 3));
    const edits = distance(asked, candidate);
    const score = edits > 1 && asked.length >= 3 && candidate.startsWith(asked) ? 1.5 : edits <= limit ? edits : isPart(asked, candidate) ? limit + 1 : Infinity;
    if (score !== Infinity && (best === undefined || score < best.score)) best = { name, score };
  }
  return best?.name;
}

/** ` (did you mean "x"?)`, to stand right behind a wrong name in a message; nothing when no valid name is near. */
export function didYouMean(wrong: string, valid: Iterable<string>): string {
  const name = nearest(wrong, valid);
  return name === undefined ? '' : ` (did you mean "${name}"?)`;
}

const plain = (name: string): string => name.toLowerCase().replaceAll('_', '-');

/** Whether one begins or ends with the other; two letters are too few to say so. */
const isPart = (a: string, b: string): boolean => {
  const [short, long] = a.length < b.length ? [a, b] : [b, a];
  return short.length >= 3 && (long.startsWith(short) || long.endsWith(short));
};
