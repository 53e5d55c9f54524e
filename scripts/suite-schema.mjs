// Writes the published schema of suite files from what is registered (built: `npm run build` first).
import { writeFile } from 'node:fs/promises';
import { registries, suiteMembers } from '../dist/catalog.js';
import { suiteSchema } from '../dist/suite/schema.js';

const schema = suiteSchema(suiteMembers(await registries()));
await writeFile(new URL('../schemas/suite.schema.json', import.meta.url), `${JSON.stringify(schema, null, 2)}\n`);
