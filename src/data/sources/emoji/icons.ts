import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { DataError } from '../../../errors.js';
import { SETS, type SetName } from './sets.js';

/** One drawing as iconify stores it: the inside of an SVG with its view box. */
export interface Icon { readonly body: string; readonly left: number; readonly top: number; readonly width: number; readonly height: number }

interface IconFile {
  readonly width?: number;
  readonly height?: number;
  readonly icons: Readonly<Record<string, { readonly body: string; readonly left?: number; readonly top?: number; readonly width?: number; readonly height?: number }>>;
  readonly aliases?: Readonly<Record<string, { readonly parent: string }>>;
}
interface InfoFile { readonly name: string; readonly author: { readonly name: string; readonly url?: string }; readonly license: { readonly title: string; readonly spdx?: string; readonly url?: string } }

const require = createRequire(import.meta.url);
/** JSON of an installed package. */
export const readPackageFile = (file: string): unknown => {
  try {
    return JSON.parse(readFileSync(require.resolve(file), 'utf8')) as unknown;
  } catch (cause) {
    throw new DataError(`${file} cannot be read`, { where: 'data source emoji', fix: 'Install the dependencies again: npm ci', cause });
  }
};

const files = new Map<SetName, IconFile>();
const iconFile = (set: SetName): IconFile => {
  const known = files.get(set);
  if (known !== undefined) return known;
  const file = readPackageFile(`@iconify-json/${set}/icons.json`) as IconFile;
  files.set(set, file);
  return file;
};

/** Names of a set's drawings, and its other names for them. */
export const iconNames = (set: SetName): readonly string[] => Object.keys(iconFile(set).icons);
export const iconAliases = (set: SetName): readonly (readonly [alias: string, name: string])[] =>
  Object.entries(iconFile(set).aliases ?? {}).map(([alias, { parent }]) => [alias, parent]);

/** Code points (lower case hex joined by `-`) -> drawing, for the sets that publish it; empty for the others. */
export function charsOf(set: SetName): Readonly<Record<string, string>> {
  return readPackageFile(`@iconify-json/${set}/chars.json`) as Readonly<Record<string, string>>;
}

/** A drawing whose colours are in a style sheet that the package lost: it would come out black. */
export function isDamaged(set: SetName, name: string): boolean {
  const body = iconFile(set).icons[name]?.body ?? '';
  return body.includes('class="') && !body.includes('<style');
}

/** One drawing. DataError where the set has none of that name. */
export function icon(set: SetName, name: string): Icon {
  const file = iconFile(set);
  const found = file.icons[name];
  if (found === undefined) throw new DataError(`the set has no drawing ${name}`, { where: `@iconify-json/${set}`, fix: 'Install the locked versions: npm ci' });
  const width = found.width ?? file.width ?? 16;
  const height = found.height ?? file.height ?? 16;
  return { body: found.body, left: found.left ?? 0, top: found.top ?? 0, width, height };
}

/** Version of an installed package. Not every package exports its package.json, so the folders are looked through. */
export function versionOf(name: string): string {
  for (const folder of require.resolve.paths(name) ?? []) {
    const file = join(folder, name, 'package.json');
    if (existsSync(file)) return (JSON.parse(readFileSync(file, 'utf8')) as { readonly version: string }).version;
  }
  throw new DataError(`the package ${name} is not installed`, { where: 'data source emoji', fix: 'Install the dependencies again: npm ci' });
}

/** One line a set: name, artist, licence. */
export const creditsOf = (): readonly string[] => SETS.map((set) => {
  const info = readPackageFile(`@iconify-json/${set}/info.json`) as InfoFile;
  const licence = info.license.spdx ?? info.license.title;
  return `${info.name} by ${info.author.name} (${licence}${info.license.url === undefined ? '' : `, ${info.license.url}`})`;
});
