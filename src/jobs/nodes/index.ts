import type { TaskKind } from '../../data/image-set.js';
import { deviceMeant, type DeviceChoice } from '../../engine/runtime/index.js';
import { SuiteError } from '../../errors.js';
import type { JobNode } from '../../runner/job.js';
import type { ResolvedSuite } from '../../suite/resolved.js';
import { background } from '../background.js';
import { shownImages } from '../shown-images.js';
import { speedMachine } from '../speed-machine.js';
import { refuseTestFiles } from '../test-files.js';
import { prepareId } from './ids.js';
import { judgingNodes, type TaskSizes } from './judging.js';
import { prepareNode } from './prepare.js';
import { pretrainNodes } from './pretrain.js';
import type { Registries } from './registries.js';
import { scheduleAt, sharesOf, stepsAt } from './schedule.js';
import { readData, sizeOf, type SourcedData } from './sourced-data.js';
import { speedNodes, trainsNothing } from './speed.js';

/** A result of another form must not be found under this job's key. */
const resultForm = 'results/version.js';

/** More jobs than any machine finishes is a slip of the keyboard. */
const jobLimit = 100_000;

/**
 * The jobs of a suite, not yet hashed: one `prepare` a data set; one `pretrain` an (entry, seed), with a `cluster` before it where
 * the method asks for one; where the method searches, one `search` an (entry, task, seed); where a protocol works on features, one
 * `features` an (entry, task, seed), all this once more for every share of its steps at which an entry is judged; at the first seed one `attention` an (entry, task) that gives images for it; where a task tells objects from a background one `overlap` an (entry, task, seed); one `transfer` an (entry, task, protocol, seed); one `speed` a model that speeds are asked for. Without tasks nothing is pre-trained. Reads records, never pixels. Throws DataError where data is missing, a subset or task is not in it, or a test image would be pre-trained on. `device` goes before the suite's: it decides what speeds are measured on, and no other job's key.
 */
export async function suiteNodes(suite: ResolvedSuite, registries: Registries, device?: DeviceChoice): Promise<readonly JobNode[]> {
  refuseTooMany(suite, registries);
  const known = await readData(suite, registries);
  await refuseTestFiles(suite, known);
  const seed = suite.seeds[0]!;
  const sizes = sizesOf(suite, known, seed);
  refuseUnjudged(suite, registries, sizes);
  const pretrains = trainsNothing(suite) ? [] : await Promise.all(suite.entries.map((entry) => pretrainNodes(suite, entry, registries, known)));
  const speeds = await speedNodes(suite, {
    methods: registries.methods,
    data: (name) => ({ ...known.get(name)!, prepare: prepareId(name) }),
    length: (entry) => ({ steps: stepsAt(suite, entry, registries, known, seed), epochs: scheduleAt(suite, entry, registries, known, seed).epochs }),
    machine: () => speedMachine(deviceMeant(suite.engine.device, device)),
  });
  const judged = suite.entries.flatMap((entry) => suite.tasks.flatMap((task) => suite.seeds.flatMap((at) =>
    [undefined, ...(entry.oracle_of === undefined ? sharesOf(suite, entry) : [])].flatMap((share) => judgingNodes(suite, { entry, task, seed: at, ...(share === undefined ? {} : { share }) }, registries, known.get(task.data)!, sizes.get(task.name)!)))));
  const nodes = [...[...known.values()].map((one) => prepareNode(suite, one)), ...pretrains.flat(), ...judged, ...speeds];
  return nodes.map((node) => ({ ...node, modules: [...node.modules, resultForm] }));
}

/** SuiteError for more jobs than `jobLimit`. */
function refuseTooMany(suite: ResolvedSuite, registries: Registries): void {
  const entryJobs = suite.entries.map(({ method, pretrain }) => {
    const { clusters, searches } = registries.methods[method]!;
    const judging = (protocols: number): number => (searches === undefined ? 1 : 2) + protocols;
    const { at, protocols } = suite.snapshots ?? { at: [], protocols: [] };
    return (clusters === undefined ? 1 : 2) + suite.tasks.length * (judging(suite.protocols.length) + (pretrain === null ? 0 : at.length * judging(protocols.length)));
  });
  const count = suite.seeds.length * entryJobs.reduce((sum, jobs) => sum + jobs, 0);
  if (count > jobLimit) {
    throw new SuiteError(`the suite comes to about ${count} jobs; ${jobLimit} is the limit`, {
      where: suite.name, fix: 'Use fewer seeds, entries, tasks or protocols, or split the suite.',
    });
  }
}

/** Every task in numbers, by name. They are those of one seed: other seeds draw other images, about as many. SuiteError for pictures that are no whole number of patches. */
function sizesOf(suite: ResolvedSuite, known: ReadonlyMap<string, SourcedData>, seed: number): ReadonlyMap<string, TaskSizes> {
  const views = suite.tasks.map((task) => {
    const { source, index, data } = known.get(task.data)!;
    return { name: task.name, records: index.records, view: source.task(index, data.options, task.task, seed), side: sizeOf(source, data, suite) / suite.model.patch_size };
  });
  for (const { name, side } of views) {
    if (!Number.isInteger(side)) throw new SuiteError(`the pictures of the task ${name} have ${side * suite.model.patch_size} pixels a side, no multiple of the model's patch_size (${suite.model.patch_size})`, { where: suite.name, fix: 'Give the data set another size.' });
  }
  const shown = shownImages(suite, views.filter(({ view }) => view.kind === 'classification'));
  return new Map(views.map(({ name, view, side }): readonly [string, TaskSizes] => [name, {
    train: view.train.indices.length, validation: view.validation.indices.length, test: view.test.indices.length, classes: view.classes.length,
    kind: view.kind, shown: shown.get(name) ?? 0, tellsObjects: view.kind === 'segmentation' && view.classes.includes(background), ...(view.kind === 'classification' ? {} : { side, patchSize: suite.model.patch_size }),
  }]));
}

/** SuiteError for a task that no protocol of the suite judges, and for a protocol that judges none of its tasks. */
function refuseUnjudged(suite: ResolvedSuite, { protocols }: Registries, sizes: ReadonlyMap<string, TaskSizes>): void {
  const judged = new Set(suite.protocols.map(({ name }) => protocols[name]!.judges));
  const asked = new Set([...sizes.values()].map(({ kind }) => kind));
  const able = (kind: TaskKind): string => Object.values(protocols).flatMap(({ name, judges }) => (judges === kind ? [name] : [])).join(' or ');
  for (const [task, { kind }] of sizes) {
    if (!judged.has(kind)) throw new SuiteError(`no protocol of the suite judges ${kind}, which the task ${task} asks for`, { where: suite.name, fix: `Add ${able(kind)} to protocols, or leave the task out.` });
  }
  for (const { name } of suite.protocols) {
    const { judges } = protocols[name]!;
    if (asked.size > 0 && !asked.has(judges)) throw new SuiteError(`the protocol ${name} judges ${judges}, and no task of the suite asks for it`, { where: suite.name, fix: `Add a task of ${judges}, or leave the protocol out.` });
  }
}
