import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { dataSet, sizes } from './data-set.js';

/** `maskbench eval coco`'s work beside pycocotools', in turns, each run a process of its own. Prints Markdown. */
const { values } = parseArgs({ options: { python: { type: 'string', default: process.env['MASKBENCH_BENCH_PYTHON'] ?? 'python3' }, rounds: { type: 'string', default: '3' } } });

interface Seconds { readonly clock: number; readonly cpu: number }
interface Run { readonly read: Seconds; readonly evaluate: Seconds; readonly stats: readonly number[] }
// From bench/dist/bench/coco to bench/coco.
const script = fileURLToPath(new URL('../../../coco/pycocotools_contestant.py', import.meta.url));
const own = fileURLToPath(new URL('./contestant.js', import.meta.url));

const folder = mkdtempSync(join(tmpdir(), 'maskbench-bench-coco-'));
try {
  const [truthPath, resultsPath] = [join(folder, 'truth.json'), join(folder, 'results.json')];
  const { truth, results } = dataSet(0);
  writeFileSync(truthPath, JSON.stringify(truth));
  writeFileSync(resultsPath, JSON.stringify(results));
  const run = (program: string, first: string, type: string): Run =>
    JSON.parse(execFileSync(program, [first, truthPath, resultsPath, type], { encoding: 'utf8', maxBuffer: 1 << 24 })) as Run;
  const median = (numbers: readonly number[]): number => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)]!;

  process.stdout.write(`${sizes.images} images, ${sizes.annotations} objects, ${sizes.detections} detections, ${sizes.categories} classes; ${cpus()[0]?.model ?? 'unknown'} x ${cpus().length}, Node ${process.version}; median of ${values.rounds} runs each, in turns\n\n`);
  process.stdout.write('| type | part | seconds | pycocotools | maskbench | ratio |\n| --- | --- | --- | ---: | ---: | ---: |\n');
  for (const type of ['bbox', 'segm']) {
    const theirs: Run[] = [];
    const ours: Run[] = [];
    for (let round = 0; round < Number(values.rounds); round++) {
      theirs.push(run(values.python, script, type));
      ours.push(run(process.execPath, own, type));
    }
    const farthest = Math.max(...ours[0]!.stats.map((value, i) => Math.abs(value - theirs[0]!.stats[i]!)));
    if (!(farthest < 1e-12)) throw new Error(`the numbers differ by ${farthest}: the two do not compute the same`);
    const parts: readonly (readonly [string, (one: Run, kind: keyof Seconds) => number])[] = [
      ['files to numbers', ({ read, evaluate }, kind) => read[kind] + evaluate[kind]], ['reading', ({ read }, kind) => read[kind]], ['evaluating', ({ evaluate }, kind) => evaluate[kind]],
    ];
    for (const [name, of] of parts) {
      for (const kind of ['clock', 'cpu'] as const) {
        const [a, b] = [theirs, ours].map((runs) => median(runs.map((one) => of(one, kind)))) as [number, number];
        process.stdout.write(`| ${type} | ${name} | ${kind} | ${a.toFixed(2)} | ${b.toFixed(2)} | ${(a / b).toFixed(1)} |\n`);
      }
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
