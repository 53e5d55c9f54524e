import type { RunRecord } from './types.js';

/** Of results.json: the line before the results, of which each has a line to itself, and the one behind them. */
const [first, last] = [' "results": [', /^ \],?$/];

/** results.json in pieces: all of it can be more than one string holds. A key a line, a result a line. */
export function* recordPieces(record: RunRecord): Generator<string> {
  const keys = Object.entries(record).filter(([, value]) => value !== undefined);
  yield '{\n';
  for (const [at, [key, value]] of keys.entries()) {
    const end = at === keys.length - 1 ? '\n' : ',\n';
    if (key !== 'results') {
      yield ` ${JSON.stringify(key)}: ${JSON.stringify(value)}${end}`;
      continue;
    }
    yield `${first}\n`;
    for (const [i, result] of record.results.entries()) yield `${JSON.stringify(result)}${i === record.results.length - 1 ? '' : ','}\n`;
    yield ` ]${end}`;
  }
  yield '}\n';
}

/** What the lines of such a file hold, unchecked. SyntaxError where it is no JSON or stands on other lines. */
export async function parseRecordLines(lines: AsyncIterable<string>): Promise<unknown> {
  const results: unknown[] = [];
  let [others, inside] = ['', false];
  for await (const line of lines) {
    if (inside && !last.test(line)) results.push(JSON.parse(line.endsWith(',') ? line.slice(0, -1) : line));
    else {
      inside = !inside && line === first;
      others += line;
    }
  }
  return { ...JSON.parse(others) as object, results };
}
