import { SuiteError } from '../../errors.js';
import { vitConfig } from '../../models/config.js';
import type { ResolvedEntry, ResolvedPretrain, ResolvedSuite, TrainedEntry } from '../../suite/resolved.js';
import type { PretrainConfig } from '../configs.js';
import { lengthsAt } from '../lengths.js';
import type { Registries } from './registries.js';
import type { SourcedData } from './sourced-data.js';

/** Shares of an entry's steps at which it is judged before the end. */
export const sharesOf = ({ snapshots }: ResolvedSuite, { pretrain }: ResolvedEntry): readonly number[] => (pretrain === null ? [] : snapshots?.at ?? []);

const imagesAt = (known: ReadonlyMap<string, SourcedData>, seed: number) => (pretrain: ResolvedPretrain, subset: ResolvedPretrain['subset']): number => {
  const { source, index, data } = known.get(pretrain.data)!;
  return source.pretrain(index, data.options, subset, seed).indices.length;
};

export const stepsAt = (suite: ResolvedSuite, entry: TrainedEntry, { methods }: Registries, known: ReadonlyMap<string, SourcedData>, seed: number): number =>
  lengthsAt(suite, methods, imagesAt(known, seed)).steps(entry);

/** A schedule as the job takes it: in epochs. A length that is counted only here is held against the method's options here. */
export function scheduleAt(suite: ResolvedSuite, entry: TrainedEntry, registries: Registries, known: ReadonlyMap<string, SourcedData>, seed: number): NonNullable<PretrainConfig['pretrain']>['schedule'] {
  const { pretrain } = entry;
  const { epochs, of, flops_of: byFlops } = pretrain.schedule;
  if (byFlops === undefined) return { epochs, of };
  const counted = (stepsAt(suite, entry, registries, known, seed) * pretrain.batch_size) / imagesAt(known, seed)(pretrain, of ?? pretrain.subset);
  const problems = registries.methods[entry.method]!.check?.({ model: vitConfig(suite.model), options: entry.options, epochs: counted, batchSize: pretrain.batch_size }) ?? [];
  if (problems.length > 0) throw new SuiteError(`the entry ${entry.name}, as long as the FLOPs of ${byFlops}: ${problems.join('; ')}`, { where: suite.name, fix: 'Change its options, or give its schedule in epochs.' });
  return { epochs: counted, of };
}
