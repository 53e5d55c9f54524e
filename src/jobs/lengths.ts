import { SuiteError } from '../errors.js';
import type { MethodSpec } from '../methods/method.js';
import { vitConfig } from '../models/config.js';
import type { JobNode } from '../runner/job.js';
import type { ResolvedEntry, ResolvedPretrain, ResolvedSuite, TrainedEntry } from '../suite/resolved.js';
import type { PretrainConfig } from './configs.js';
import { clusterJobFlops, pretrainSteps } from './estimates.js';

export interface Lengths {
  /** Optimiser steps of an entry's pre-training. */
  steps(entry: TrainedEntry): number;
}

/**
 * How long the entries of a suite train at one seed. Where an entry's schedule names another's FLOPs: the fewest steps with which its
 * own FLOPs and those of the entries that it starts from are at least the other's, with its start, features and clustering, as
 * the jobs will count them. (k-means may stop early and then count less.)
 *
 * @param images of a subset of an entry's data at the seed
 */
export function lengthsAt(suite: ResolvedSuite, methods: Readonly<Record<string, MethodSpec>>, images: (pretrain: ResolvedPretrain, subset: ResolvedPretrain['subset']) => number): Lengths {
  const vit = vitConfig(suite.model);
  const byName = new Map(suite.entries.map((entry) => [entry.name, entry]));
  const stepFlops = ({ method, options }: ResolvedEntry, { batch_size }: ResolvedPretrain): number => batch_size * methods[method]!.flopsPerImage(vit, options, batch_size);
  /** Of what an entry rests on, without its own training. */
  const below = (entry: ResolvedEntry, pretrain: ResolvedPretrain): number => {
    const clusters = methods[entry.method]!.clusters?.(entry.options);
    const clustering = clusters === undefined ? 0 : clusterJobFlops(clusters, images(pretrain, pretrain.subset), vit);
    return clustering + (entry.start === null ? 0 : total(byName.get(entry.start)!));
  };
  const total = (entry: ResolvedEntry): number => (entry.pretrain === null ? 0 : below(entry, entry.pretrain) + steps({ ...entry, pretrain: entry.pretrain }) * stepFlops(entry, entry.pretrain));
  const steps = (entry: TrainedEntry): number => {
    const { pretrain } = entry;
    const { epochs, of, flops_of: other } = pretrain.schedule;
    if (other === undefined) {
      // Asked for even where another subset sets the length: a subset that the source has not should fail here, not in a worker.
      const own = images(pretrain, pretrain.subset);
      return pretrainSteps(of === null ? own : images(pretrain, of), epochs, pretrain.batch_size);
    }
    const left = total(byName.get(other)!) - below(entry, pretrain);
    if (!(left > 0)) throw new SuiteError(`the entry ${entry.name} is to take as many FLOPs as ${other}, and what it starts from has taken more`, { where: suite.name, fix: 'Give its schedule in epochs, or another start.' });
    return Math.ceil(left / stepFlops(entry, pretrain));
  };
  return { steps };
}

/** The suite with the epochs, of the first seed, to which lengths by FLOPs have come in its nodes; where it has such nodes. */
export function withLengths(suite: ResolvedSuite, nodes: readonly JobNode[]): ResolvedSuite {
  const seed = String(suite.seeds[0]);
  const configs = new Map(nodes.flatMap(({ kind, tags, config }) => (kind === 'pretrain' && tags['seed'] === seed ? [[tags['entry'], config as unknown as PretrainConfig] as const] : [])));
  const entries = suite.entries.map((entry): ResolvedEntry => {
    const counted = configs.get(entry.name)?.pretrain?.schedule;
    if (entry.pretrain?.schedule.flops_of === undefined || counted === undefined) return entry;
    return { ...entry, pretrain: { ...entry.pretrain, schedule: { ...entry.pretrain.schedule, epochs: counted.epochs } } };
  });
  return { ...suite, entries };
}
