import { loadavg } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { noteEngineUse, type PeakDeviceMemory } from '../engine/opened.js';
import { JobError } from '../errors.js';
import { type JsonObject, readJson, writeFileAtomic } from '../files.js';
import { vitConfig } from '../models/config.js';
import type { SpeedBody } from '../results/types.js';
import type { JobContext, JobFunction } from '../runner/job.js';
import type { SpeedConfig, SpeedEntry } from './configs.js';
import { methodSpec } from './members.js';
import type { Answer } from './speed/messages.js';
import { type ContestantProcess, OutOfMemory, startContestant } from './speed/process.js';
import { playRounds, type Round } from './speed/rounds.js';

/** Idle time between two turns: threads of the one before may still spin for a moment. */
const pauseMs = 50;

/** Where half-measured rounds lie. They are of this machine: another's are dropped before the job begins. */
const roundsFile = 'rounds.json';
interface Saved { readonly batch: number; readonly rounds: readonly Round[] }

/**
 * Times the training steps of all entries of one model: each in a process of its own, one turn a round, the others idle. The
 * plan lets nothing else run meanwhile. Half as many images a step for everyone, as often as it takes until all have room together.
 */
export const speed: JobFunction = async (context) => {
  const config = context.job.config as unknown as SpeedConfig;
  const file = join(context.scratch, roundsFile);
  const saved = await readJson(file).catch(() => null) as Saved | null;
  for (let batch = saved?.batch ?? config.batch_size; ; batch /= 2) {
    try {
      return await measure(context, config, batch, saved?.batch === batch ? saved.rounds : [], (rounds) => writeFileAtomic(file, `${JSON.stringify({ batch, rounds } satisfies Saved)}\n`));
    } catch (error) {
      if (!(error instanceof OutOfMemory)) throw error;
      const why = await whyNotHalf(config, batch);
      if (why !== null) throw new JobError(`not all entries have room with ${batch} images a step, and ${why}`, { where: context.job.id, cause: error, fix: 'Name a smaller model, fewer entries, or another batch_size.' });
      context.log(`${error.message}; going on with ${batch / 2} images a step for everyone`);
    }
  }
};

/** Why half as many images a step would serve nobody; null: they serve all. */
async function whyNotHalf({ entries, model }: SpeedConfig, batch: number): Promise<string | null> {
  if (batch % 2 !== 0) return 'that cannot be halved';
  const problems = await Promise.all(entries.map(async ({ name, method, options, epochs }) =>
    (await methodSpec(method, name)).check?.({ model: vitConfig(model), options, epochs, batchSize: batch / 2 }).map((problem) => `${name}: ${problem}`) ?? []));
  return problems.flat().length === 0 ? null : `half as many do not serve: ${problems.flat().join('; ')}`;
}

/** All with `batch` images a step. OutOfMemory where one has no room, at its start or later. */
async function measure(context: JobContext, config: SpeedConfig, batch: number, done: readonly Round[], save: (rounds: readonly Round[]) => Promise<void>): Promise<JsonObject> {
  const load = loadavg();
  const processes: ContestantProcess[] = [];
  try {
    for (const entry of config.entries) {
      const started = await startContestant({ config, entry, batch, threads: context.job.threads, data: context.input('data') }, context.log);
      processes.push(started);
      const { device } = started.ready;
      if (device !== config.machine.device) throw new JobError(`TensorFlow computes on the device ${device}, and this job is to measure ${config.machine.device}`, { where: context.job.id, fix: `Name what is to be measured: --device ${device}.` });
    }
    if (new Set(processes.map(({ ready }) => ready.images)).size > 1) throw new JobError('the entries do not see the same images', { where: context.job.id });
    const names = config.entries.map(({ name }) => name);
    let turns = done.length * names.length;
    const turn = async (entry: string): Promise<Round[number]['turn']> => {
      await sleep(pauseMs);
      const answer = await processes[names.indexOf(entry)]!.ask('turn');
      context.progress({ done: ++turns, total: config.rounds * names.length, unit: 'steps' });
      return answer.turn;
    };
    const rounds = await playRounds(names, config.rounds, done, turn, save);
    const ends: Extract<Answer, { say: 'end' }>[] = [];
    for (const process of processes) ends.push(await process.ask('end'));
    const { engine } = ends[0]!;
    noteEngineUse(engine, () => highest(ends.map((end) => end.engine.peakDeviceMemory ?? null)));
    const body: SpeedBody = {
      kind: 'speed',
      model: config.model.name,
      batchSize: batch,
      askedBatchSize: config.batch_size,
      loaders: config.loaders,
      turnSeconds: config.seconds,
      load,
      imagesHash: processes[0]!.ready.images,
      // Each entry has a peak of its own.
      engine: engine.device === 'cuda' ? { ...engine, peakDeviceMemory: null } : engine,
      order: rounds.map((round) => round.map(({ entry }) => entry)),
      entries: await Promise.all(config.entries.map(async (entry, index) => ({
        ...await factsOf(entry, config, batch),
        parameters: processes[index]!.ready.parameters,
        peakMemoryBytes: ends[index]!.peakMemoryBytes,
        peakDeviceMemory: ends[index]!.engine.peakDeviceMemory ?? null,
        turns: rounds.map((round) => round.find((one) => one.entry === entry.name)!.turn),
      }))),
    };
    return body as unknown as JsonObject;
  } finally {
    await Promise.all(processes.map((process) => process.close()));
  }
}

const highest = (peaks: readonly (PeakDeviceMemory | null)[]): PeakDeviceMemory | null =>
  peaks.reduce((most, peak) => (most === null || (peak !== null && peak.bytes > most.bytes) ? peak : most), null);

async function factsOf({ name, method, options, epochs, steps, epochImages, scheduleImages }: SpeedEntry, { model }: SpeedConfig, batch: number): Promise<Pick<SpeedBody['entries'][number], 'name' | 'method' | 'epochs' | 'epochImages' | 'scheduleImages' | 'flopsPerImage' | 'flopsParts' | 'flopsPerSchedule'>> {
  const spec = await methodSpec(method, name);
  const vit = vitConfig(model);
  return { name, method, epochs, epochImages, scheduleImages, flopsPerImage: spec.flopsPerImage(vit, options, batch), flopsParts: [...spec.flopsParts?.(vit, options) ?? []], flopsPerSchedule: scheduleImages * spec.flopsPerImage(vit, options, scheduleImages / steps) };
}
