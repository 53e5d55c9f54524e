import { readResults } from '../../src/cli/eval/coco-results.js';
import { readTruth } from '../../src/cli/eval/coco-truth.js';
import { evaluateCoco, type OverlapType } from '../../src/metrics/index.js';

/** A process of its own, as `maskbench eval coco` is one: nothing is warm. Prints seconds on the clock and of CPU, and the twelve numbers. */
const cpu = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};
const [truthPath, resultsPath, type] = process.argv.slice(2) as [string, string, OverlapType];
const now = (): readonly [clock: number, cpu: number] => [performance.now() / 1000, cpu()];
const since = ([clock, used]: readonly [number, number], [laterClock, laterUsed]: readonly [number, number]) => ({ clock: laterClock - clock, cpu: laterUsed - used });

const start = now();
const truth = await readTruth(truthPath, type);
const { found, detectionArea } = await readResults(resultsPath, type, truth);
const read = now();
const { summary } = evaluateCoco(truth.truths, found, type, { classes: truth.categories.size, compat: 'pycocotools', detectionArea });
const end = now();
process.stdout.write(JSON.stringify({ read: since(start, read), evaluate: since(read, end), stats: Object.values(summary) }));
