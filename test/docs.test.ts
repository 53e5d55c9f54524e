import { readdir, readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { registries, suiteMembers } from '../src/catalog.js';
import type { JsonObject } from '../src/files.js';
import { readSuite } from '../src/suite/load.js';

const members = suiteMembers(await registries());
const pages = ['README.md', ...(await readdir('docs')).filter((file) => file.endsWith('.md')).map((file) => `docs/${file}`)];
const blocks = (await Promise.all(pages.map(async (page) => {
  const text = await readFile(page, 'utf8');
  return [...text.matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].map(([, block], at) => ({ page, at, block: block! }));
}))).flat();

it('README and the page on suites show one each', () => {
  expect(blocks.map(({ page }) => page)).toEqual(expect.arrayContaining(['README.md', 'docs/suites.md', 'docs/checkpoints.md']));
});

/** A part of a suite, with what it does not say from the quick suite. */
async function completed(part: JsonObject): Promise<JsonObject> {
  const quick = parse(await readFile('suites/quick.yaml', 'utf8')) as JsonObject;
  const named = (part['entries'] as readonly JsonObject[] | undefined)?.some(({ name }) => name === quick['reference']) ?? true;
  return { ...Object.fromEntries(Object.entries(quick).filter(([key]) => key !== 'reference' || named)), ...part };
}

it.each(blocks.map((one) => [`${one.page} ${one.at + 1}`, one] as const))('%s is a suite that can be planned', async (_title, { block }) => {
  const part = parse(block) as JsonObject;
  const whole = 'name' in part;
  const suite = await readSuite(whole ? block : stringify(await completed(part)), 'suites/docs.yaml', members);
  expect(suite.entries.length).toBeGreaterThan(0);
});

const texts = await Promise.all(pages.map(async (page) => ({ page, text: await readFile(page, 'utf8') })));

it('a comparison with a commit is of a suite that measures speed', async () => {
  const lines = texts.flatMap(({ page, text }) => [...text.matchAll(/maskbench compare .*--against .*/g)].map(([line]) => ({ page, line })));
  expect(lines.length).toBeGreaterThan(1);
  for (const { page, line } of lines) {
    const name = / reports\/([\w-]+)/.exec(line)?.[1] ?? 'none';
    const suite = parse(await readFile(`suites/${name}.yaml`, 'utf8').catch(() => '{}')) as JsonObject;
    expect([page, line, 'speed' in suite]).toEqual([page, line, true]);
  }
});

it('results.csv is filtered by a column that is empty in some rows without taking it for a mask, which pandas refuses', () => {
  for (const { page, text } of texts) expect([page, text.match(/\w+\[\w+\.primary\]/g)]).toEqual([page, null]);
});
