import { resolve } from 'node:path';
import type { JsonObject } from '../files.js';

/**
 * Options that a member's schema marks with `format: path` name a file or folder. A relative one counts from the suite
 * file's folder, wherever the command is started.
 */
export function resolvePaths(schema: JsonObject, options: JsonObject, folder: string): JsonObject {
  const properties = (schema['properties'] ?? {}) as Readonly<Record<string, JsonObject>>;
  return Object.fromEntries(Object.entries(options).map(([key, value]) => {
    const property = Object.hasOwn(properties, key) ? properties[key] : undefined;
    return [key, typeof value === 'string' && property?.['format'] === 'path' ? resolve(folder, value) : value];
  }));
}
