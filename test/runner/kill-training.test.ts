import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { writePictures } from '../jobs/pictures.js';
import { temporaryFolder } from '../temporary-folder.js';

const suite = (data: string): string => `
name: stripes
model: { name: custom, image_size: 8, patch_size: 2, width: 32, depth: 2, heads: 2 }
data: { stripes: { source: folder, path: ${data} } }
methods: { mae: { warmup_epochs: 1, decoder: { width: 16, depth: 1, heads: 2 } } }
pretrain: { batch_size: 40, schedule: { epochs: 120 } }
entries:
  - { name: mae, method: mae }
  - { name: mae-shorter, method: mae, schedule: { epochs: 90 } }
tasks: [stripes/all]
protocols: { fine-tune: { lr: 0.001, steps: 40, batch_size: 16 } }
`;

// npm run test:kill does the same many times to a larger suite.
it('a real run that is killed while it trains ends with the same bits as an undisturbed one', { timeout: 600_000 }, async () => {
  const root = temporaryFolder();
  await writePictures(join(root, 'data'));
  const file = join(root, 'stripes.yaml');
  await writeFile(file, suite(join(root, 'data')));
  const child = spawn(process.execPath, [fileURLToPath(new URL('../../scripts/kill.mjs', import.meta.url)), '2', file], { stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  for (const out of [child.stdout, child.stderr]) out.on('data', (chunk: Buffer) => { text += chunk.toString(); });
  const [code] = await once(child, 'close') as [number | null];
  expect(text).toMatch(/^2 kills in \d stores?; [1-9]\d* jobs? went on from a checkpoint; 0 differences$/m);
  expect(code, text).toBe(0);
});
