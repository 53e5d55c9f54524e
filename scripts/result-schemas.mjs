// Writes the published schemas of results from the constants in src/results (built: `npm run build` first).
import { writeFile } from 'node:fs/promises';
import { baselineSchema } from '../dist/results/baseline/schema.js';
import { recordSchema } from '../dist/results/record-schema.js';
import { resultSchema } from '../dist/results/result-schema.js';

for (const [name, schema] of [['result', resultSchema], ['results', recordSchema], ['baseline', baselineSchema]]) {
  await writeFile(new URL(`../schemas/${name}.schema.json`, import.meta.url), `${JSON.stringify(schema, null, 2)}\n`);
}
