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
  if (lanesOf(batch, threads) === 1 && !keeps) return null;
  const { lanes, inLanes } = bestLanes(prefix, graph, batch, threads);
  const images = batch / lanes;
  for (let turns = keeps ? turnsOf(batch, lanes, 4 * inLanes.numbers) : 1; turns > 1; turns--) {
    if (images % turns !== 0) continue;
    const inTurns = inShards(prefix, graph, batch, lanes, turns);
    if (inTurns.numbers * turns >= leastShare * inLanes.numbers) return inTurns;
  }
  return lanes === 1 ? null : inLanes;
}

/** As many pieces beside each other as take the most work from one thread. More are not always better: groups of images that they would cut are left whole, to a single thread. */
function bestLanes(prefix: string, graph: ShardedGraph, batch: number, threads: number): { readonly lanes: number; readonly inLanes: Sharded } {
  const cut = (most: number) => {
    const lanes = lanesOf(batch, most);
    const inLanes = inShards(prefix, graph, batch, lanes, 1);
    return { lanes, inLanes, byOthers: (lanes - 1) * inLanes.numbers };
  };
  let best = cut(threads);
  let fewer = best;
  while (fewer.lanes > 2) {
    fewer = cut(fewer.lanes - 1);
    if (fewer.byOthers > best.byOthers) best = fewer;
  }
  return best;
}
