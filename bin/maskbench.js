#!/usr/bin/env node
/**
 * The command `maskbench`. An installed package runs what it was published with; in a source checkout `dist/` is built
 * first when it is missing or older than the sources, so that nobody runs yesterday's code.
 */
import { existsSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { join } from 'node:path';

const root = fileURLToPath(new URL('..', import.meta.url));
if (existsSync(join(root, 'tsconfig.build.json')) && existsSync(join(root, 'src'))) {
  const { buildWhenStale } = await import('./build.js');
  buildWhenStale(root);
}
const { main } = await import(pathToFileURL(join(root, 'dist', 'cli', 'main.js')).href);
await main(process.argv);
