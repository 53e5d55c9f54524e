import { setImmediate } from 'node:timers/promises';
import { Bench } from 'tinybench';
import { openLoader } from '../../data/loader/index.js';
import type { HostArray } from '../../engine/contract.js';
import { openEngine } from '../../engine/index.js';
import { takeEngineUse } from '../../engine/opened.js';
import { JobError, MaskbenchError, messageOf } from '../../errors.js';
import type { EngineFacts } from '../../results/engine-schema.js';
import { vitConfig } from '../../models/config.js';
import { forgetPeakMemory, peakMemoryBytes } from '../../peak-memory.js';
import { nudgeThreadPool } from '../../thread-pool.js';
import { dataSource, methodSpec } from '../members.js';
import { pretrainSeries } from '../pretrain-series.js';
import { randomClusters } from '../random-clusters.js';
import { readSet } from '../task-inputs.js';
import type { Answer, Contestant, Request } from './messages.js';
import type { Timed } from './rounds.js';
import { seenImages } from './seen-images.js';

/** Process of one entry of a speed job: compiles its training step and takes turns when it is asked, see messages.ts. */

type Batch = Readonly<Record<string, HostArray>>;

const endless = 2 ** 31;
/** Batches that are made before the time runs, used in turn. */
const madeBatches = 2;
/** A step shorter than this has one uncounted step before it: others have used the caches since its last turn. */
const shortStep = 0.25;

const say = (answer: Answer): void => { process.send?.(answer); };

const copy = (batch: Batch): Batch => Object.fromEntries(Object.entries(batch).map(([name, array]) => [name, array.slice()]));

interface Prepared {
  readonly ready: Extract<Answer, { say: 'ready' }>;
  turn(): Promise<Extract<Answer, { say: 'turn' }>>;
  /** Of the process from its start. */
  highestMemory(): number;
}

async function prepare({ config, entry, batch, threads, data }: Contestant): Promise<Prepared> {
  const model = vitConfig(config.model);
  const { seed, seconds, loaders, precision } = config;
  const [set, source, spec] = await Promise.all([readSet(data), dataSource(config.source, entry.name), methodSpec(entry.method, entry.name)]);
  const method = await spec.load();
  if (method.kind !== 'train') throw new JobError(`the method ${entry.method} trains nothing`, { where: entry.name });
  const { indices } = source.pretrain(set, config.sourceOptions, 'full', seed);
  const asked = spec.clusters?.(entry.options);
  const clusters = asked === undefined ? {} : { clusters: randomClusters(asked.count, model.width, indices.length) };
  const recipe = method.build({ model, options: entry.options, batchSize: batch, seed, totalSteps: entry.steps, stepsPerEpoch: entry.steps / entry.epochs, ...clusters });
  const engine = await openEngine({ threads, precision });
  const compiled = engine.compile({ params: recipe.params, optimizer: recipe.optimizer, functions: { train: recipe.train } });
  // All in plain order, so that all have the same images; clusters are random ones here, and which of them an image has changes no time.
  const series = pretrainSeries({ ...recipe, evenOver: undefined }, { indices, seed, batch, steps: endless, size: model.imageSize });
  const rates = recipe.schedule(Math.min(entry.steps - 1, Math.floor(entry.steps / 2)));
  let carried: Batch = Object.fromEntries(recipe.carried ?? []);
  const step = (inputs: Batch): void => {
    const outputs = compiled.run('train', { ...inputs, ...carried }, rates);
    carried = Object.fromEntries(Object.keys(carried).map((name) => [name, outputs[name]!.data as Float32Array]));
  };

  const first = openLoader(set, [series], 0);
  const made: Batch[] = [];
  for (let number = 0; number < madeBatches; number++) made.push(copy(await first.next(number)));
  first.close();
  for (const inputs of made) step(inputs);
  let expected = Infinity;
  /** Peaks that were forgotten, so that each turn has its own. */
  let before = 0;
  const highestMemory = (): number => Math.max(before, peakMemoryBytes());

  /** tinybench calls until both the time and the least number of calls are reached. */
  const timed = async (work: () => void | Promise<void>): Promise<Timed> => {
    const bench = new Bench({ time: seconds * 1000, iterations: 1, warmup: false, retainSamples: true, throws: true });
    const [task] = await bench.add('step', work).run();
    const result = task?.result;
    if (result?.state !== 'completed') throw new JobError(`the timing ended as ${result?.state ?? 'nothing'}`, { where: entry.name });
    const samples = result.latency.samples!;
    return { steps: samples.length, seconds: samples.reduce((sum, milliseconds) => sum + milliseconds, 0) / 1000 };
  };

  const turn = async (): Promise<Extract<Answer, { say: 'turn' }>> => {
    before = highestMemory();
    forgetPeakMemory();
    let next = 0;
    if (expected < shortStep) step(made[0]!);
    const outside = await timed(() => step(made[next++ % madeBatches]!));
    expected = outside.seconds / outside.steps;
    // Opened for the turn and closed after it: threads that fill batches ahead would disturb the others' turns.
    const loader = openLoader(set, [series], loaders);
    let number = 0;
    try {
      const one = async (): Promise<void> => {
        step(await loader.next(number++));
        await setImmediate();
      };
      // The first batch is nobody's fault.
      await one();
      const inside = await timed(one);
      return { say: 'turn', turn: { outside, inside, peakMemoryBytes: peakMemoryBytes() } };
    } finally {
      loader.close();
    }
  };
  return {
    ready: {
      say: 'ready',
      parameters: recipe.params.filter(({ trainable }) => trainable).reduce((sum, { value }) => sum + value.length, 0),
      images: seenImages(set, series, madeBatches),
      device: engine.info.device,
    },
    turn,
    highestMemory,
  };
}

const failed = (error: unknown): void => say({ say: 'failed', message: error instanceof MaskbenchError ? error.describe() : messageOf(error) });

process.on('disconnect', () => process.exit(0));
nudgeThreadPool();
try {
  const prepared = await prepare(JSON.parse(process.argv[2]!) as Contestant);
  process.on('message', (request: Request) => {
    if (request.do === 'turn') prepared.turn().then(say, failed);
    // This process has served nobody else.
    else say({ say: 'end', peakMemoryBytes: prepared.highestMemory(), engine: takeEngineUse() as EngineFacts });
  });
  say(prepared.ready);
} catch (error) {
  failed(error);
}
