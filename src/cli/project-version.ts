import { readFile } from 'node:fs/promises';

export const projectVersion = async (): Promise<string> =>
  (JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8')) as { readonly version: string }).version;
