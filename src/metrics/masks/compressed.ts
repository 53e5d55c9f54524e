/*
 * COCO's compressed form: each run length as a signed number of groups of 5 bits, lowest first, a character a group (48 + bits,
 * 32 more where another group follows); from the fourth run on, the number is the difference to the run before the last.
 */

/** The run lengths as COCO's string, for example [6, 1, 40, 4, 5, 4, 5, 4, 21] as `61X13mN000`0`. */
export function compressCounts(counts: readonly number[]): string {
  const characters: string[] = [];
  counts.forEach((count, run) => {
    let rest = run > 2 ? count - counts[run - 2]! : count;
    for (let more = true; more;) {
      const bits = rest & 31;
      rest = Math.floor(rest / 32);
      more = (bits & 16) === 0 ? rest !== 0 : rest !== -1;
      characters.push(String.fromCharCode(48 + bits + (more ? 32 : 0)));
    }
  });
  return characters.join('');
}

/** The run lengths that a string holds. Throws RangeError for another character and for a string that ends within a number. */
export function expandCounts(text: string): number[] {
  // A number ends where no other group follows: known lengths save the array's growing.
  let numbers = 0;
  for (let at = 0; at < text.length; at++) if (((text.charCodeAt(at) - 48) & 32) === 0) numbers++;
  const counts = new Array<number>(numbers);
  let read = 0;
  let value = 0;
  let unit = 1;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at) - 48;
    if (code < 0 || code > 63) throw new RangeError(`character ${at} of the compressed run lengths is ${JSON.stringify(text[at])}`);
    value += (code & 31) * unit;
    unit *= 32;
    if ((code & 32) !== 0) continue;
    if ((code & 16) !== 0) value -= unit;
    counts[read] = read > 2 ? value + counts[read - 2]! : value;
    read++;
    value = 0;
    unit = 1;
  }
  if (unit > 1) throw new RangeError('the compressed run lengths end within a number');
  return counts;
}
