/**
 * Finds what an import of the sources means, for the lint rules that follow imports: `./x.js` in TypeScript's ESM is the
 * file `./x.ts`. Packages are left to Node's own look-up.
 */
const { existsSync } = require('node:fs');
const { createRequire, isBuiltin } = require('node:module');
const { dirname, resolve } = require('node:path');

exports.interfaceVersion = 2;

exports.resolve = (source, file) => {
  if (isBuiltin(source)) return { found: true, path: null };
  if (source.startsWith('.')) {
    const path = resolve(dirname(file), source);
    const candidates = [path.replace(/\.js$/, '.ts'), path];
    const found = candidates.find((candidate) => existsSync(candidate));
    return found === undefined ? { found: false } : { found: true, path: found };
  }
  try {
    return { found: true, path: createRequire(file).resolve(source) };
  } catch {
    return { found: false };
  }
};
