import { stream } from '../../random.js';
import type { GateTable } from './gate-table.js';
import type { MoceOptions } from './options.js';

/** What a task's images say of the experts of one block. */
export interface Votes {
  /** Images, or tokens, that are routed to each expert. */
  readonly votes: readonly number[];
  /** Mean gate value of each expert over all of them: which is next where no expert with votes can be taken. */
  readonly liking: readonly number[];
  /** Gate value of each expert for the task's largest cluster; null behind a token gate. */
  readonly largest: readonly number[] | null;
  /** The factor of each expert, see `extract.gate`. */
  readonly factors: readonly number[];
}

/**
 * The votes of a task's nearest clusters. An expert without a vote has the factor of the pre-training clusters that it
 * has, weighted by their images; one without a cluster, which noise alone has trained, its mean gate value over the task's images.
 *
 * @param nearest the task's images, of each cluster
 * @param sizes the pre-training images, of each cluster
 */
export function clusterVotes(table: GateTable, nearest: ArrayLike<number>, sizes: ArrayLike<number>, gate: MoceOptions['extract']['gate']): Votes {
  const { clusters, experts, values, chosen } = table;
  const value = (cluster: number, expert: number): number => values[cluster * experts + expert]!;
  const all = Array.from({ length: clusters }, (_, cluster) => cluster);
  const sum = (of: readonly number[], each: (cluster: number) => number): number => of.reduce((total, cluster) => total + each(cluster), 0);
  const images = sum(all, (cluster) => nearest[cluster]!);
  const each = <T>(f: (expert: number) => T): readonly T[] => Array.from({ length: experts }, (_, expert) => f(expert));
  const liking = each((expert) => sum(all, (cluster) => nearest[cluster]! * value(cluster, expert)) / images);
  const largest = all.reduce((best, cluster) => (nearest[cluster]! > nearest[best]! ? cluster : best));
  const votes = each((expert) => sum(all, (cluster) => (chosen[cluster] === expert ? nearest[cluster]! : 0)));
  const factor = (expert: number): number => {
    if (gate === 'one') return 1;
    const weights = votes[expert]! > 0 ? nearest : sizes;
    const own = all.filter((cluster) => chosen[cluster] === expert && weights[cluster]! > 0);
    if (own.length === 0) return liking[expert]!;
    if (gate === 'dominant') return value(own.reduce((best, cluster) => (weights[cluster]! > weights[best]! ? cluster : best)), expert);
    return sum(own, (cluster) => weights[cluster]! * value(cluster, expert)) / sum(own, (cluster) => weights[cluster]!);
  };
  return {
    votes,
    liking,
    largest: each((expert) => value(largest, expert)),
    factors: each(factor),
  };
}

/**
 * The expert that a task gets: of those that are not dead the one with most votes, of equally many the one that the gates
 * like better, or with `rank` one behind it in this order, begun again at its end. `cluster` takes the one that the gate gives the task's largest cluster. `random` draws one for the seed, the same for all tasks. `expert` is the one that was asked for, null where it is dead.
 */
export function chooseExpert({ votes, liking, largest }: Votes, dead: readonly number[], { mode, expert, rank }: MoceOptions['search'], seed: number, layer: number): number | null {
  const alive = votes.map((_, index) => index).filter((index) => !dead.includes(index));
  switch (mode) {
    case 'expert': return alive.includes(expert) ? expert : null;
    case 'random': return alive[stream(seed, 'moce-expert', 0, layer).integer(alive.length)]!;
    case 'cluster': return alive.reduce((best, index) => (largest![index]! > largest![best]! ? index : best), alive[0]!);
    case 'vote': return alive.toSorted((a, b) => votes[b]! - votes[a]! || liking[b]! - liking[a]!)[rank % alive.length]!;
    default: {
      const never: never = mode;
      return never;
    }
  }
}
