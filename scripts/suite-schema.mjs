// Writes the published schema of suite files, and the tables of options in docs/suites.md, from what is registered
// (built: `npm run build` first).
import { readFile, writeFile } from 'node:fs/promises';
import { registries, suiteMembers } from '../dist/catalog.js';
import { optionTables } from '../dist/suite/option-tables.js';
import { suiteSchema } from '../dist/suite/schema.js';

const members = suiteMembers(await registries());
await writeFile(new URL('../schemas/suite.schema.json', import.meta.url), `${JSON.stringify(suiteSchema(members), null, 2)}\n`);

const page = new URL('../docs/suites.md', import.meta.url);
const text = await readFile(page, 'utf8');
await writeFile(page, text.replace(/(<!-- options: .*-->\n)[\s\S]*(<!-- \/options -->)/, (_, begin, end) => `${begin}${optionTables(members)}${end}`));
