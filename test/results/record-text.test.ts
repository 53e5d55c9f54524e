import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { readRunRecord } from '../../src/cli/run-record.js';
import { writeReports } from '../../src/report/index.js';
import { recordPieces } from '../../src/results/record-text.js';
import type { RunRecord } from '../../src/results/types.js';
import { fixture } from '../report/fixture.js';
import { temporaryFolder } from '../temporary-folder.js';

let record: RunRecord;
const folder = temporaryFolder();
const written = (text: string): string => {
  const file = join(folder, 'results.json');
  writeFileSync(file, text);
  return file;
};
beforeAll(async () => { record = await fixture({ seeds: 1, tasks: 2, dense: 'without-pictures' }); });

describe('results.json', () => {
  it('is JSON with a line for each result, in pieces of a result at most', () => {
    const pieces = [...recordPieces(record)];
    expect(JSON.parse(pieces.join(''))).toEqual(JSON.parse(JSON.stringify(record)));
    expect(Object.keys(JSON.parse(pieces.join('')) as object)).toEqual(Object.keys(JSON.parse(JSON.stringify(record)) as object));
    expect(pieces.length).toBeGreaterThan(record.results.length);
    for (const result of record.results) expect(pieces.filter((piece) => piece.startsWith(JSON.stringify(result)))).toHaveLength(1);
  });

  it('is read line by line where one text cannot hold it, to the same record', async () => {
    const file = written([...recordPieces(record)].join(''));
    expect(await readRunRecord(folder, 1000)).toEqual(await readRunRecord(file));
    expect(await readRunRecord(file, 1000)).toEqual(JSON.parse(JSON.stringify(record)));
    written([...recordPieces({ ...record, results: [] })].join(''));
    expect((await readRunRecord(file, 1000)).results).toEqual([]);
  });

  it.each([
    ['cut off', (text: string) => text.slice(0, text.length / 2)],
    ['on other lines', (text: string) => JSON.stringify(JSON.parse(text), null, 1).replace('"schema"', '"schema')],
  ])('that is large and %s is refused with its name', async (_, change) => {
    const file = written(change([...recordPieces(record)].join('')));
    await expect(readRunRecord(file, 1000)).rejects.toMatchObject({ kind: 'usage', where: file, message: expect.stringMatching(/^is not JSON, or too large for one text/) as string });
  });

  it('is what a report writes', async () => {
    const out = join(folder, 'report');
    await writeReports(record, out);
    expect(readFileSync(join(out, 'results.json'), 'utf8')).toBe([...recordPieces(record)].join(''));
  });
});
