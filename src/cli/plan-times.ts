import type { DeviceChoice, Runtime } from '../engine/runtime/index.js';
import { MaskbenchError } from '../errors.js';
import type { Plan } from '../runner/job.js';

/** How long a run would take here, or why that is not said. */
export type PlanTimes =
  | {
      readonly state: 'estimated';
      readonly workers: number;
      /** Why so many. */
      readonly reason: string;
      /** Cores that other programs kept busy meanwhile, where they were too many for measurements that hold; else null. */
      readonly busy: number | null;
      /** Seconds of every job that has to run, by its key. */
      readonly jobs: ReadonlyMap<string, number>;
      readonly wallSeconds: number;
      /** Jobs that have to run and are in none of the times, by their ids: nothing foretells what they take. */
      readonly untold: readonly string[];
    }
  | { readonly state: 'none'; readonly why: string }
  /** This machine has not what the suite needs: `problem` is what a run would end with. */
  | { readonly state: 'cannot-run'; readonly problem: string };

const none = (why: string): PlanTimes => ({ state: 'none', why });

export interface PlanTimesOptions {
  readonly device: DeviceChoice;
  /** Folder of the store; it need not exist. */
  readonly store: string;
  readonly tell: (line: string) => void;
}

/**
 * Times from a short measurement of one job of each kind, in worker processes: this one loads no tensors. Measurements are
 * kept in the user's cache for this machine, code and model. Nothing is downloaded: where the runtime is not set up yet,
 * there are no times.
 */
export async function planTimes(plan: Plan, finished: ReadonlySet<string>, { device, store, tell }: PlanTimesOptions): Promise<PlanTimes> {
  const [{ unitsOf }, { forecast }] = await Promise.all([import('../runner/schedule.js'), import('../runner/forecast.js')]);
  const units = unitsOf(plan);
  const toRun = units.filter(({ key }) => !finished.has(key));
  if (toRun.length === 0) return none('everything is in the store: a run only writes the report');
  if (toRun.every(({ job }) => job.speed === undefined)) return none(`not estimated for what is left: ${toRun.map(({ job }) => job.id).join(', ')}`);
  const [{ DEVICE_VARIABLE, runtimeStatus }, { machineFingerprint }, { countWorkers, largestMemory }, { measureSpeeds, speedGroups }, { busyCores, busyLimit }, { cacheFolder }, { runtimeText }, { availableParallelism }, { decideLoaders }] = await Promise.all([
    import('../engine/runtime/index.js'), import('../runner/machine.js'), import('../runner/workers-count.js'), import('../runner/speeds.js'),
    import('../runner/busy.js'), import('../cache-folder.js'), import('./runtime-text.js'), import('node:os'), import('../data/loader/count.js'),
  ]);
  let runtime: Runtime;
  try {
    const status = await runtimeStatus({ device });
    if (status.state !== 'ready') return none('the tensor runtime is not set up on this machine yet: `maskbench engine install` or the first run does it');
    runtime = await runtimeOfRun(status.runtime, device, tell);
  } catch (error) {
    if (!(error instanceof MaskbenchError)) throw error;
    return none(error.message);
  }
  process.env[DEVICE_VARIABLE] = runtime.device; // for the workers: they do not choose again
  const setup = {
    store, version: '', validator: null,
    jobs: new URL('../jobs/index.js', import.meta.url).href,
    machine: machineFingerprint(runtimeText(runtime)),
  };
  const cores = availableParallelism();
  const busy = await busyCores();
  const disturbed = busy > busyLimit * cores;
  const threads = Math.max(...toRun.map(({ job }) => job.threads));
  tell('looking how many workers are best here');
  const { workers, reason } = await countWorkers({ setup, threads, bytes: largestMemory(toRun.map(({ job }) => job)), cache: cacheFolder(), busyCores: busy });
  const loaders = decideLoaders(undefined, { cores, workers, threads });
  const { speeds, failed } = await measureSpeeds(speedGroups(toRun), {
    setup,
    workers: Math.min(workers, toRun.length),
    circumstances: { loaders },
    cache: cacheFolder(),
    keep: !disturbed,
    onMeasure: ({ kind, tags }, done, total) => tell(`measuring ${[kind, tags['protocol'] ?? tags['entry'] ?? tags['data']].filter((part) => part !== undefined).join(' ')} (${done + 1} of ${total})`),
  });
  const why = [...failed.values()][0];
  if (why !== undefined) return none(`a measurement failed: ${why}`);
  const expected = forecast(units, finished, speeds, Math.min(workers, toRun.length));
  return { state: 'estimated', workers, reason, busy: disturbed ? busy : null, jobs: expected.units, wallSeconds: expected.wallSeconds, untold: expected.untold.map(({ job }) => job.id) };
}

/** A run computes on the CPU where `auto` sees a GPU that TensorFlow cannot use. Said here too, unless the CPU's runtime is still to be fetched for that. */
async function runtimeOfRun(ready: Runtime, device: DeviceChoice, tell: PlanTimesOptions['tell']): Promise<Runtime> {
  const [{ runtimeStatus }, { usableRuntime }] = await Promise.all([import('../engine/runtime/index.js'), import('../engine/describe.js')]);
  if (ready.device === 'cpu' || (await runtimeStatus({ device: 'cpu' })).state !== 'ready') return ready;
  const { runtime, fellBack } = await usableRuntime({ device });
  if (fellBack !== null) tell(fellBack);
  return runtime;
}
