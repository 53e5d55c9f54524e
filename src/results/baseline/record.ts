import { type JsonObject, shortHash, sha256 } from '../../files.js';
import { cellsOf, doneCells, primaryMetric, suiteOf } from '../cells.js';
import type { Measure } from '../comparison.js';
import { environmentIdentity } from '../environment.js';
import { truthOf } from '../truth.js';
import type { Result, RunRecord, SpeedBody, TimedSteps, TransferBody } from '../types.js';
import { compactImages } from './compact.js';
import { baselineVersion, type Baseline, type BaselineCell, type BaselineSpeed, type TestImages } from './types.js';

/** What a baseline keeps of a run: its finished cells and speeds. */
export function baselineOf(record: RunRecord, name: string): Baseline {
  const images: Record<string, TestImages> = {};
  const fingerprints = new Map(record.results.flatMap(({ kind, key, config }) => (kind === 'prepare' ? [[key, config['fingerprint']]] : [])));
  const cells = doneCells(cellsOf(record)).map(({ entry, task, protocol, seed, key, result }): BaselineCell => {
    const hash = imagesHash(result);
    const fingerprint = fingerprints.get(result.inputs['data'] ?? '');
    images[hash] ??= { n: result.nTest, classes: result.classes.length, labels: result.taskKind === 'classification' ? result.perImage.labels : null };
    return {
      entry, task, protocol, seed, key, protocolHash: result.protocolHash, optionsHash: shortHash(result.config['options'] ?? null), metricVersion: result.metricVersion, primary: result.primary, values: valuesOf(result), images: hash, ...(typeof fingerprint === 'string' ? { fingerprint: fingerprint.slice(0, 12) } : {}), perImage: compactImages(result),
    };
  });
  return {
    schema: baselineVersion,
    name,
    suite: suiteOf(record).name,
    setup: setupOf(suiteOf(record)),
    version: record.version,
    createdAt: record.createdAt,
    environments: [...new Set(record.results.filter(({ environment }) => environment.engine !== null).map(({ environment }) => environmentIdentity(environment)))].sort(),
    images,
    cells,
    speeds: record.results.flatMap((result) => (result.kind === 'speed' ? speedsOf(result) : [])),
  };
}

/** Hash of what a suite asks for beside its protocols. A schedule that follows from another entry's FLOPs has its length from the plan: that it follows counts. */
export function setupOf({ model, data, entries: all, tasks, engine }: ReturnType<typeof suiteOf>): string {
  const entries = all.map(({ pretrain, ...entry }) => ({
    ...entry, pretrain: pretrain?.schedule.flops_of === undefined ? pretrain : { ...pretrain, schedule: { ...pretrain.schedule, epochs: null } },
  }));
  return shortHash({ model, data, entries, tasks, threads: engine.threads, precision: engine.precision });
}

/** Two results with equal hashes have judged the same pictures, by their names, on the same question. */
const imagesHash = (result: TransferBody): string =>
  sha256(JSON.stringify([result.perImage.ids, truthOf(result), result.classes])).slice(0, 16);

function valuesOf(result: TransferBody): Readonly<Partial<Record<Measure, number>>> {
  if (result.taskKind === 'classification') return { accuracy: primaryMetric(result).value };
  const measures: readonly Measure[] = result.taskKind === 'segmentation' ? ['miou'] : ['box_ap', 'mask_ap'];
  return Object.fromEntries(measures.flatMap((measure) => result.metrics.flatMap(({ metric, value }) => (metric === measure ? [[measure, value]] : []))));
}

const perStep = (turns: readonly TimedSteps[]): readonly number[] => turns.map(({ steps, seconds }) => seconds / steps);

export function speedsOf({ model, batchSize, loaders, imagesHash: images, environment, engine, entries, config }: Result<SpeedBody>): readonly BaselineSpeed[] {
  const place = environmentIdentity({ ...environment, engine });
  const options = new Map((config['entries'] as readonly JsonObject[] | undefined ?? []).map((entry) => [entry['name'], entry['options']]));
  return entries.map(({ name, method, turns }) => ({
    model, entry: name, batchSize, loaders, imagesHash: images, settings: shortHash({ model: config['model'], method, options: options.get(name) }), environment: place,
    outside: perStep(turns.map((turn) => turn.outside)), inside: perStep(turns.map((turn) => turn.inside)),
  }));
}
