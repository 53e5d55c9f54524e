import { clusterSizes } from '../clustering/rows.js';
import type { Routing } from '../../results/types.js';
import type { Clusters, Weights } from '../method.js';
import { gateTable, loadOf } from './gate-table.js';

/** Where a training has come to send each cluster, without noise, block by block. */
export function routingOf(blocks: readonly number[], weights: Weights, { centres, assignments }: Clusters): readonly Routing[] {
  const sizes = clusterSizes(assignments, centres.shape[0]!);
  return blocks.map((block) => {
    const table = gateTable(weights.get(`blocks.${block}.mlp.gate.weight`)!, centres);
    return {
      block,
      chosen: [...table.chosen],
      gates: Array.from(table.chosen, (expert, cluster) => Number(table.values[cluster * table.experts + expert]!.toPrecision(4))),
      loads: Array.from(loadOf(table, sizes)),
    };
  });
}
