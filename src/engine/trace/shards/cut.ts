import { lanesOf, turnsOf } from './count.js';
import { inShards, type Sharded, type ShardedGraph } from './index.js';

/** Share of what is done in pieces, at one a thread, that smaller pieces must do as well: groups of images that they would cut are left whole. */
const leastShare = 0.8;

/**
 * The graph in as many pieces of its batch as threads can take, and in turns where that is large; null: it stays as it is.
 *
 * @param batch rows of the function's images
 * @param keeps whether values are kept for a gradient: only then turns save memory
 */
export function cutBatch(prefix: string, graph: ShardedGraph, batch: number, threads: number, keeps: boolean): Sharded | null {
  const lanes = lanesOf(batch, threads);
  if (lanes === 1 && !keeps) return null;
  const inLanes = inShards(prefix, graph, batch, lanes, 1);
  const images = batch / lanes;
  for (let turns = keeps ? turnsOf(batch, lanes, 4 * inLanes.numbers) : 1; turns > 1; turns--) {
    if (images % turns !== 0) continue;
    const inTurns = inShards(prefix, graph, batch, lanes, turns);
    if (inTurns.numbers * turns >= leastShare * inLanes.numbers) return inTurns;
  }
  return lanes === 1 ? null : inLanes;
}
