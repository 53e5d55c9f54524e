import { stringify } from 'csv-stringify/sync';
import { doneCells } from '../results/cells.js';
import { namesOf, seedCosts } from '../results/costs.js';
import { measurementHash, speedsOf } from '../results/baseline/index.js';
import { mixesOf } from '../results/mixed.js';
import { overlapsOf } from '../results/overlaps.js';
import type { Format } from './format.js';

/**
 * Long form: one row a finished cell and metric. `method` holds the entry's name, `job` the job's id in the plan and
 * `job_key` its key in the store, `seed_note` why seeds are no independent repeats (empty where they are). What the pre-training cost is that
 * of the row's seed: its own, and with all that it rests on (`_all`); empty where it is not known.
 * `collapsed`: why nothing is concluded from the entry (empty where it is some use). Values are as measured (`unit` says in what), unrounded. Further columns may be added at
 * the end; these keep their names and order. Behind them stand, where some entry has them, what its pre-training made of its source
 * images (`pretrain_views`) and parts of its operations (`pretrain_flops_head`). Speeds are rows of the kind `throughput`, with the model as `task`. An
 * oracle's are rows of the metric `<metric>_best_on_test`, called `<entry>+oracle`, and the only ones with `reads_test_data`. Encoders that were judged on
 * their way are rows of the kind `snapshot`, without a task: means over the tasks.
 */
export const csvColumns = [
  'suite', 'method', 'task', 'kind', 'protocol', 'protocol_hash', 'metric', 'seed', 'value', 'unit', 'n_test', 'job',
  'primary', 'side', 'classes', 'n_train', 'n_validation', 'chance', 'train_accuracy', 'failed_to_learn', 'chosen', 'at_edge', 'job_key', 'seed_note',
  'pretrain_images', 'pretrain_flops', 'pretrain_seconds', 'pretrain_images_all', 'pretrain_flops_all', 'pretrain_seconds_all',
  'collapsed', 'largest_class',
] as const;

/** Behind the others where speed was measured: a mean's rounds and 95 % interval, its ratio to the reference, and from how many steps it is extrapolated. */
const speedColumns = ['n', 'low', 'high', 'ratio', 'ratio_low', 'ratio_high', 'extrapolated_from_steps'] as const;

/** Behind the others where a table holds values that are not measured as the rest of it: which, and in what. */
const mixedColumns = ['metric_version', 'mixed'] as const;

/** Behind the others where the suite has an oracle. */
const oracleColumn = 'reads_test_data';

/** Behind the others where encoders were judged on their way: what they had taken there, with all that they rest on; `snapshot_steps` of their own training; `snapshot_time` says whose seconds they are. */
const snapshotColumns = ['snapshot_share', 'snapshot_steps', 'snapshot_images', 'snapshot_flops', 'snapshot_seconds', 'snapshot_time'] as const;

const unitColumn = (name: string): string => `pretrain_${name.replaceAll(' ', '_')}`;
const partColumn = (name: string): string => `pretrain_flops_${name.replaceAll(' ', '_')}`;

export const csv: Format = {
  name: 'csv',
  file: 'results.csv',
  render({ record, suite, cells, costs, collapsed }) {
    const units = namesOf(costs.flatMap(({ pretrain }) => pretrain?.units ?? []));
    const parts = namesOf(costs.flatMap(({ pretrain }) => pretrain?.flopsParts ?? []));
    const notes = new Map(record.sharedEncoders.map(({ entry, reason }) => [entry, reason]));
    const costOf = seedCosts(record);
    const mixes = new Map(suite.protocols.map(({ name, hash }) => [name, mixesOf(cells.filter(({ protocol }) => protocol === name), hash)]));
    const mixed = new Map(cells.flatMap((cell) => {
      const found = mixes.get(cell.protocol)?.([cell]) ?? [];
      return found.length === 0 ? [] : [[cell, found.join('; ')] as const];
    }));
    const done = doneCells(cells);
    const rows = done.flatMap((cell) => {
      const { result } = cell;
      const cost = costOf(cell.entry, cell.seed);
      const made = Object.fromEntries([
        ...units.map((name) => [unitColumn(name), cost?.own.units?.find((one) => one.name === name)?.count ?? '']),
        ...parts.map((name) => [partColumn(name), cost?.own.flopsParts?.find((one) => one.name === name)?.flops ?? '']),
      ]) as Readonly<Record<string, string | number>>;
      return result.metrics.map(({ metric, value, unit }): Readonly<Record<(typeof csvColumns)[number], string | number>> => ({
        suite: suite.name,
        method: cell.entry,
        task: cell.task,
        kind: result.taskKind,
        protocol: cell.protocol,
        protocol_hash: result.protocolHash,
        metric,
        seed: cell.seed,
        value,
        unit,
        n_test: result.nTest,
        job: cell.job,
        primary: String(metric === result.primary),
        side: result.side,
        classes: result.classes.length,
        n_train: result.nTrain,
        n_validation: result.nValidation,
        chance: result.chance,
        train_accuracy: result.trainAccuracy,
        failed_to_learn: String(result.failedToLearn),
        chosen: JSON.stringify(result.chosen),
        at_edge: result.atEdge.join(' '),
        job_key: cell.key,
        seed_note: notes.get(cell.entry) ?? '',
        pretrain_images: cost?.own.imagesSeen ?? '',
        pretrain_flops: cost?.own.flops ?? '',
        pretrain_seconds: cost?.own.wallSeconds ?? '',
        pretrain_images_all: cost?.withAncestors?.imagesSeen ?? '',
        pretrain_flops_all: cost?.withAncestors?.flops ?? '',
        pretrain_seconds_all: cost?.withAncestors?.wallSeconds ?? '',
        collapsed: collapsed.get(cell.entry) ?? '',
        largest_class: result.largestClass ?? '',
      })).map((row) => ({ ...row, ...made, ...(mixed.size === 0 ? {} : { metric_version: result.metricVersion, mixed: mixed.get(cell) ?? '' }) }));
    });
    const measurements = new Map(record.results.flatMap((result) => (result.kind === 'speed' ? speedsOf(result) : [])).map((one) => [JSON.stringify([one.model, one.entry]), measurementHash(one)]));
    const speeds = (record.speed ?? []).map(({ model, entry, quantity, part, unit, estimate, ratio, extrapolatedFromSteps, job }) => ({
      suite: suite.name, method: entry, task: model, kind: 'throughput', protocol: 'speed', protocol_hash: measurements.get(JSON.stringify([model, entry])) ?? '', metric: part === null ? quantity : `${quantity}_${part.replaceAll(' ', '_')}`, value: estimate.value, unit, job,
      n: estimate.n, low: estimate.low ?? '', high: estimate.high ?? '', ratio: ratio?.value ?? '', ratio_low: ratio?.low ?? '', ratio_high: ratio?.high ?? '', extrapolated_from_steps: extrapolatedFromSteps ?? '',
    }));
    const kinds = new Map(done.map(({ task, result }) => [task, result]));
    const hashes = new Map(suite.protocols.map(({ name, hash }) => [name, hash]));
    const oracles = (record.oracle ?? []).map(({ entry, task, protocol, metric, seed, value, unit, job }) => ({
      suite: suite.name, method: `${entry}+oracle`, task, kind: kinds.get(task)?.taskKind ?? '', protocol, protocol_hash: hashes.get(protocol) ?? '', metric: `${metric}_best_on_test`,
      seed, value, unit, n_test: kinds.get(task)?.nTest ?? '', job, primary: 'false', collapsed: collapsed.get(entry) ?? '', [oracleColumn]: 'true',
    }));
    const attention = overlapsOf(record).flatMap(({ entry, task, seeds }) => seeds.flatMap(({ seed, job, hash, images, best, heads, random, disc }) =>
      Object.entries({ attention_jaccard_best_head: best, attention_jaccard_heads: heads, attention_jaccard_untrained: random, attention_jaccard_disc: disc }).map(([metric, value]) => (
        { suite: suite.name, method: entry, task, kind: 'attention', protocol: 'attention', protocol_hash: hash, metric, seed, value, unit: 'fraction', n_test: images, job, collapsed: collapsed.get(entry) ?? '' }))));
    const snapshots = (record.snapshots?.points ?? []).map(({ entry, protocol, seed, share, steps, images, flops, seconds, accuracy }) => ({
      suite: suite.name, method: entry, kind: 'snapshot', protocol, protocol_hash: suite.protocols.find(({ name }) => name === protocol)?.hash ?? '', metric: 'mean_over_tasks', seed, value: accuracy, unit: 'fraction', collapsed: collapsed.get(entry) ?? '',
      snapshot_share: share, snapshot_steps: steps, snapshot_images: images, snapshot_flops: flops, snapshot_seconds: seconds ?? '', snapshot_time: record.snapshots?.time ?? 'wall',
    }));
    return stringify([...rows, ...speeds, ...oracles, ...snapshots, ...attention], {
      header: true,
      columns: [
        ...csvColumns, ...units.map(unitColumn), ...parts.map(partColumn), ...(speeds.length === 0 ? [] : speedColumns), ...(oracles.length === 0 ? [] : [oracleColumn]), ...(snapshots.length === 0 ? [] : snapshotColumns),
        ...(mixed.size === 0 ? [] : mixedColumns),
      ],
    });
  },
};
