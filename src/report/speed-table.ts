import { seedsForInterval } from '../results/intervals.js';
import type { Estimate, Result, RunRecord, SpeedBody, SpeedQuantity, SpeedRow } from '../results/types.js';
import { count, duration, plural, scaled, scaledCount, threeDigits } from './numbers.js';

/** The numbers of one speed job as text, for every format. */
export interface SpeedTable {
  readonly model: string;
  readonly columns: readonly string[];
  readonly rows: readonly { readonly entry: string; readonly cells: readonly { readonly text: string; readonly sub: string; readonly sort: string }[] }[];
  /** Where, how and from what it was measured. */
  readonly notes: readonly string[];
}

const titles: Readonly<Record<SpeedQuantity, string>> = {
  images_per_second: 'images/s',
  images_per_second_with_loader: 'images/s with the loader',
  seconds_per_step: 's a step',
  seconds_per_step_with_loader: 's a step with the loader',
  seconds_per_epoch: 'an epoch (extrapolated)',
  seconds_per_schedule: 'whole schedule (extrapolated)',
  peak_memory: 'peak memory',
  peak_device_memory: "peak of the GPU's memory",
  flops_per_image: 'FLOP an image',
  flops_per_schedule: 'FLOP of the schedule',
};

function shownAs({ unit, quantity }: SpeedRow): (value: number) => string {
  switch (unit) {
    case 'bytes': return (value) => scaled(value, 'B');
    case 'FLOP': return scaledCount;
    case 'images/s': return threeDigits;
    case 's': return quantity.startsWith('seconds_per_step') ? threeDigits : duration;
  }
}

const within = (estimate: Estimate, show: (value: number) => string): string =>
  `${show(estimate.value)}${estimate.low === null || estimate.high === null ? '' : ` [${show(estimate.low)}, ${show(estimate.high)}]`}`;

const speedTitle = ({ quantity, part }: Pick<SpeedRow, 'quantity' | 'part'>): string => `${titles[quantity]}${part === null ? '' : `, ${part} alone`}`;

export function speedTables(record: RunRecord): readonly SpeedTable[] {
  const rows = record.speed ?? [];
  const keys = new Map(record.jobs.map(({ id, key }) => [id, key]));
  const { reference } = record.suite as { readonly reference: string | null };
  return [...new Set(rows.map(({ job }) => job))].flatMap((job) => {
    const own = rows.filter((row) => row.job === job);
    const result = record.results.find(({ key }) => key === keys.get(job));
    if (result?.kind !== 'speed') return [];
    const columns = [...new Set(own.map(speedTitle))];
    return [{
      model: result.model,
      columns,
      rows: result.entries.map(({ name }) => ({
        entry: name,
        cells: columns.map((column) => {
          const row = own.find((one) => one.entry === name && speedTitle(one) === column);
          if (row === undefined) return { text: '\u2013', sub: '', sort: '' };
          return {
            text: within(row.estimate, shownAs(row)),
            sub: row.ratio === null || name === reference ? '' : `${within(row.ratio, threeDigits)} × ${reference ?? ''}`,
            sort: String(row.estimate.value),
          };
        }),
      })),
      notes: notesOf(result),
    }];
  });
}

const rangeOfCounts = (ordered: readonly number[]): string => (ordered.length === 1 ? count(ordered[0]!) : `${count(ordered[0]!)} to ${count(ordered.at(-1)!)}`);

function notesOf(result: Result<SpeedBody>): readonly string[] {
  const { config, batchSize, askedBatchSize, loaders, engine, environment, order, entries, turnSeconds, load } = result;
  const rounds = order.length;
  const scheduled = config['entries'] as readonly { readonly name: string; readonly steps: number; readonly scheduleImages: number }[] | undefined;
  const own = [...new Set((scheduled ?? []).map(({ steps, scheduleImages }) => Math.round(scheduleImages / steps)))].sort((a, b) => a - b);
  const steps = entries.map(({ name, turns, epochs }) => `${name} ${turns.reduce((sum, { inside }) => sum + inside.steps, 0)} (schedule of ${plural(epochs, 'epoch')})`);
  return [
    `${plural(rounds, 'round')} of turns of ${turnSeconds} s or one step, one entry at a time, each in a process of its own; ${rounds < seedsForInterval ? 'too few for intervals' : 'geometric means with 95 % t-intervals over rounds in brackets; ratios are of paired rounds'}. ${entries.every(({ turns }) => turns.every(({ peakMemoryBytes }) => peakMemoryBytes !== undefined)) ? 'Memory: the highest of each turn. FLOP are counted' : 'Memory: n = 1. FLOP are counted'}, without interval${entries.some(({ peakDeviceMemory }) => peakDeviceMemory !== null) ? ", and a GPU's memory is its highest of all, n = 1" : ''}.`,
    `Every entry: ${plural(batchSize, 'source image')} a step${batchSize === askedBatchSize ? '' : ` (${askedBatchSize} were asked for and had no room)`}, ${plural(engine.threads.intraOp * engine.threads.interOp, 'thread')}, precision ${engine.precision}, ${plural(loaders, 'loader thread')}, the same images in the same order.`,
    `Epoch and whole schedule are extrapolated, at the pace with the loader, from so many steps: ${steps.join(', ')}. What an entry starts from is not in them.${own.length === 0 || (own.length === 1 && own[0] === batchSize) ? '' : ` The schedules' own steps have ${rangeOfCounts(own)} images: what a step costs whatever its batch (the update of the weights above all) counts more often here.`}`,
    `Measured on ${engine.deviceName} (${engine.device}, ${environment.cores} cores, TensorFlow ${engine.runtime}); the machine's load before: ${load.map((value) => value.toFixed(1)).join(', ')} (1, 5, 15 minutes). Another machine measures anew.`,
  ];
}
