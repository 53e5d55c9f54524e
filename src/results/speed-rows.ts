import { resultsByKey, suiteOf } from './cells.js';
import { geometricMean, pairedRatio } from './ratios.js';
import type { Estimate, Result, RunRecord, SpeedBody, SpeedEntryResult, SpeedRow, TimedSteps } from './types.js';
import type { ResolvedSuite } from '../suite/resolved.js';

/** One number without an interval. */
const exact = (value: number): Estimate => ({ n: 1, value, low: null, high: null });

const stepsOf = (turns: readonly TimedSteps[]): number => turns.reduce((sum, { steps }) => sum + steps, 0);

type Measured = Pick<SpeedRow, 'quantity' | 'unit' | 'extrapolatedFromSteps' | 'part'> & {
  /** One a round, or a single one that has no interval. */
  readonly values: readonly number[];
  readonly counted: boolean;
};

/** By turn; of older results the one of the whole process. */
function peaksOf({ turns, peakMemoryBytes }: SpeedEntryResult): Pick<Measured, 'values' | 'counted'> {
  const peaks = turns.flatMap((turn) => turn.peakMemoryBytes ?? []);
  return peaks.length < turns.length ? { values: [peakMemoryBytes], counted: true } : { values: peaks, counted: false };
}

/** What was measured of an entry. Epoch and schedule are so many times the images, at the pace with the loader. */
function measured({ batchSize }: Pick<SpeedBody, 'batchSize'>, entry: SpeedEntryResult): readonly Measured[] {
  const outside = entry.turns.map((turn) => turn.outside);
  const inside = entry.turns.map((turn) => turn.inside);
  const perStep = (turns: readonly TimedSteps[]): readonly number[] => turns.map(({ steps, seconds }) => seconds / steps);
  const perSecond = (turns: readonly TimedSteps[]): readonly number[] => turns.map(({ steps, seconds }) => (steps * batchSize) / seconds);
  const whole = (images: number): readonly number[] => perStep(inside).map((seconds) => (seconds * images) / batchSize);
  const timed = { extrapolatedFromSteps: null, part: null, counted: false } as const;
  const extrapolated = { ...timed, extrapolatedFromSteps: stepsOf(inside) };
  const counted = { ...timed, counted: true };
  return [
    { quantity: 'images_per_second', unit: 'images/s', values: perSecond(outside), ...timed },
    { quantity: 'images_per_second_with_loader', unit: 'images/s', values: perSecond(inside), ...timed },
    { quantity: 'seconds_per_step', unit: 's', values: perStep(outside), ...timed },
    { quantity: 'seconds_per_step_with_loader', unit: 's', values: perStep(inside), ...timed },
    { quantity: 'seconds_per_epoch', unit: 's', values: whole(entry.epochImages), ...extrapolated },
    { quantity: 'seconds_per_schedule', unit: 's', values: whole(entry.scheduleImages), ...extrapolated },
    { quantity: 'peak_memory', unit: 'bytes', ...timed, ...peaksOf(entry) },
    ...(entry.peakDeviceMemory === null ? [] : [{ quantity: 'peak_device_memory', unit: 'bytes', values: [entry.peakDeviceMemory.bytes], ...counted } as const]),
    { quantity: 'flops_per_image', unit: 'FLOP', values: [entry.flopsPerImage], ...counted },
    ...entry.flopsParts.map(({ name, perImage }) => ({ quantity: 'flops_per_image', unit: 'FLOP', values: [perImage], ...counted, part: name }) as const),
    { quantity: 'flops_per_schedule', unit: 'FLOP', values: [entry.flopsPerSchedule ?? entry.flopsPerImage * entry.scheduleImages], ...counted },
  ];
}

/** Of a whole schedule only the entry's own part is known where it goes on from another: it cannot stand beside one that began at nothing. */
export const isWhole = (quantity: string): boolean => quantity === 'seconds_per_schedule' || quantity === 'flops_per_schedule';

/** Entries that go on from another. */
export const startedEntries = ({ entries }: Pick<ResolvedSuite, 'entries'>): ReadonlySet<string> => new Set(entries.flatMap(({ name, start }) => (start === null ? [] : [name])));

/** The rows of one job: every ratio is of two entries that it measured itself. `started`: those that have no ratio of whole schedules. */
export function rowsOf(job: string, body: Pick<SpeedBody, 'model' | 'batchSize' | 'entries'>, reference: string | null, started: ReadonlySet<string>): readonly SpeedRow[] {
  const of = new Map(body.entries.map((entry) => [entry.name, measured(body, entry)]));
  const same = (a: Measured, b: Measured): boolean => a.quantity === b.quantity && a.part === b.part;
  return body.entries.flatMap(({ name }) => of.get(name)!.map((one): SpeedRow => {
    const { quantity, unit, extrapolatedFromSteps, part, values, counted } = one;
    const other = reference === null || (isWhole(quantity) && (started.has(name) || started.has(reference))) ? undefined : of.get(reference)?.find((two) => same(one, two));
    const ratio = other === undefined ? null : counted ? exact(values[0]! / other.values[0]!) : pairedRatio(values, other.values);
    return { model: body.model, entry: name, quantity, unit, estimate: counted ? exact(values[0]!) : geometricMean(values), ratio, extrapolatedFromSteps, part, job };
  }));
}

/** What the finished speed jobs of a record say, in the plan's order. */
export function speedRows(record: RunRecord): readonly SpeedRow[] {
  const results = resultsByKey(record);
  const suite = suiteOf(record);
  return record.jobs.flatMap(({ id, key, kind }) => {
    const result = kind === 'speed' ? results.get(key) : undefined;
    return result === undefined ? [] : rowsOf(id, result as Result<SpeedBody>, suite.reference, startedEntries(suite));
  });
}
