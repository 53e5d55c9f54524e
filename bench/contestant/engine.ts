import { createInterface } from 'node:readline';
import { Bench } from 'tinybench';
import type { EngineInfo, Precision } from '../../src/engine/contract.js';
import { openEngine } from '../../src/engine/index.js';
import { takeEngineUse } from '../../src/engine/opened.js';
import { MaskbenchError } from '../../src/errors.js';
import { caseNamed } from '../cases.js';
import { waitOfSteps } from './loader.js';
import { residentMemory } from './memory.js';
import { checkSteps, type Answers, type Request } from './messages.js';
import { startProfiler, type Profiler } from './profile.js';
import { workload } from './workload.js';

/**
 * The process of one contestant on this project's engine: compiles a case and answers requests, see messages.ts.
 * Its one argument is EngineArguments as JSON.
 */
export interface EngineArguments {
  readonly case: string;
  readonly threads: number;
  readonly mode: 'eager' | 'traced';
  readonly precision: Precision;
  readonly device: EngineInfo['device'];
  readonly profile: boolean;
}

const say = (answer: object): boolean => process.stdout.write(`${JSON.stringify(answer)}\n`);

async function serve(args: EngineArguments): Promise<void> {
  const engine = await openEngine({ threads: args.threads, mode: args.mode, device: args.device });
  const profiler: Profiler | null = args.profile ? startProfiler() : null;
  const work = workload(caseNamed(args.case));
  const { spec, function: name, batches, scalars } = work;
  const compiled = engine.compile({ ...spec, precision: args.precision });
  let next = 0;
  const step = (): ReturnType<typeof compiled.run> => compiled.run(name, batches[next++ % batches.length]!, scalars);

  const answers: { readonly [K in Request['do']]: (request: Extract<Request, { readonly do: K }>) => Answers[K] | Promise<Answers[K]> } = {
    check() {
      next = 0;
      const values: number[] = [];
      if (name === 'features') {
        const all = step()['features']!.data;
        values.push(...all.slice(0, 16), ...all.slice(-16));
      } else for (let i = 0; i < checkSteps; i++) values.push(step()['loss']!.data[0]!);
      next = 0;
      compiled.reset();
      return { values };
    },
    run({ seconds, warm }) {
      if (warm) step();
      // tinybench runs until both the time and the least number of calls are reached
      const bench = new Bench({ time: seconds * 1000, iterations: 1, warmup: false, retainSamples: true, throws: true });
      const task = bench.add('step', () => void step()).runSync()[0];
      const result = task?.result;
      if (result?.state !== 'completed') throw new Error(`the timing ended as ${result?.state ?? 'nothing'}`);
      return { seconds: result.latency.samples!.map((milliseconds) => milliseconds / 1000) };
    },
    steps({ count }) {
      for (let i = 0; i < count; i++) step();
      return {};
    },
    memory() {
      const device = takeEngineUse()?.peakDeviceMemory;
      return { ...residentMemory(), ...(device == null ? {} : { device: { peak: device.bytes, by: device.of === 'process' ? "the driver's count" : "the driver's count for the whole GPU" } }) };
    },
    loader: ({ threads, augmentation, seconds }) => waitOfSteps(caseNamed(args.case), compiled, work, { threads, augmentation, seconds }),
    profile({ repeats }) {
      if (profiler === null) throw new Error('this process was started without profiling');
      step();
      profiler.take(1);
      for (let i = 0; i < repeats; i++) step();
      return { operations: profiler.take(repeats) };
    },
  };

  const { runtime, tfjs, node, oneDnn, deviceName, gpu } = engine.info;
  const parameters = spec.params.reduce((sum, { value }) => sum + value.length, 0);
  say({ parameters, versions: { tensorflow: runtime, tfjs, node, oneDNN: oneDnn ? 'on' : 'off', ...(gpu === undefined ? {} : { GPU: deviceName, driver: gpu.driver ?? 'unknown' }) } } satisfies Answers['ready']);
  for await (const line of createInterface({ input: process.stdin })) {
    const request = JSON.parse(line) as Request;
    try {
      say(await answers[request.do](request as never));
    } catch (error) {
      say({ error: error instanceof Error ? error.message : String(error) });
    }
  }
}

try {
  await serve(JSON.parse(process.argv[2]!) as EngineArguments);
} catch (error) {
  say({ error: error instanceof MaskbenchError ? error.describe() : error instanceof Error ? error.message : String(error) });
  process.exitCode = 1;
}
