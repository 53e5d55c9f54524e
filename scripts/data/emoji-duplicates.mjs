/**
 * Writes the list of near-duplicate drawings, src/data/sources/emoji/removed.ts:
 * npm run build && node scripts/data/emoji-duplicates.mjs [folder of the built files, default dist]
 */
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';

const built = resolve(process.argv[2] ?? 'dist', 'data/sources/emoji');
const { allConcepts } = await import(`${built}/concepts.js`);
const { hashedDrawings, listDuplicates } = await import(`${built}/list-duplicates.js`);

const concepts = allConcepts();
const removed = listDuplicates(concepts, await hashedDrawings(concepts));
const rows = removed.map(({ id, like, rule, distance }) => `  ['${id}', '${like}', '${rule}', ${distance}],`).join('\n');
writeFileSync('src/data/sources/emoji/removed.ts', `import type { DuplicateRule } from './duplicates.js';

/** Drawings that are not used, what each nearly equals, by which rule, and how far apart their hashes are. Written by scripts/data/emoji-duplicates.mjs. */
export const REMOVED_ROWS: readonly (readonly [id: string, like: string, rule: DuplicateRule, distance: number])[] = [
${rows}
];
`);
console.error(`${removed.length} drawings left out`);
