import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { validatePublished, type PublishedFile } from '../results/published/index.js';

/** From src/report and from dist/report the way there is the same. */
const folder = fileURLToPath(new URL('../../baselines/published/', import.meta.url));

/** The published numbers that come with the project, by the files' names. */
export async function publishedFiles(): Promise<readonly PublishedFile[]> {
  const names = (await readdir(folder)).filter((file) => file.endsWith('.json')).sort();
  return Promise.all(names.map(async (name) => validatePublished(JSON.parse(await readFile(`${folder}${name}`, 'utf8')) as unknown, `${folder}${name}`)));
}
