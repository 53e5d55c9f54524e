/** The gate of clusters on the host, without noise. */
export interface GateTable {
  readonly clusters: number;
  readonly experts: number;
  /** softmax(W_g C[c]), float64 [clusters, experts], row-major. */
  readonly values: Float64Array;
  /** The expert that each cluster goes to: the largest value, of equal ones the first. */
  readonly chosen: Int32Array;
}

interface Matrix { readonly shape: readonly number[]; readonly data: Float32Array }

/**
 * Which cluster goes to which expert, with which gate value: a function of the gate's weight and the centres alone.
 *
 * @param weight [experts, width]
 * @param centres [clusters, width]
 */
export function gateTable(weight: Matrix, centres: Matrix): GateTable {
  const [experts, width] = weight.shape as [number, number];
  const clusters = centres.shape[0]!;
  const values = new Float64Array(clusters * experts);
  const chosen = new Int32Array(clusters);
  for (let c = 0; c < clusters; c++) {
    const row = values.subarray(c * experts, (c + 1) * experts);
    for (let e = 0; e < experts; e++) {
      for (let i = 0; i < width; i++) row[e] = row[e]! + weight.data[e * width + i]! * centres.data[c * width + i]!;
    }
    const most = Math.max(...row);
    chosen[c] = row.indexOf(most);
    const total = row.reduce((sum, logit) => sum + Math.exp(logit - most), 0);
    row.forEach((logit, e) => { row[e] = Math.exp(logit - most) / total; });
  }
  return { clusters, experts, values, chosen };
}

/** Share of a balanced load under which an expert has learnt too little to be taken: 1 / (4 N) of the images (behind a token gate, tokens) that it was trained on. */
export const deadShare = (experts: number): number => 1 / (4 * experts);

/** The share of the images that each expert gets. sizes: images of each cluster. */
export function loadOf({ experts, chosen }: GateTable, sizes: ArrayLike<number>): Float64Array {
  const loads = new Float64Array(experts);
  let total = 0;
  chosen.forEach((expert, cluster) => {
    loads[expert] = loads[expert]! + sizes[cluster]!;
    total += sizes[cluster]!;
  });
  return loads.map((load) => load / total);
}

/** What a training step hands to the next, and leaves: sums over the steps of each expert's share of the images, as the gate chose with its noise. */
export const receivedBy = (block: number): string => `received_block${block}`;

/** Experts that received less than that, in order. Before the first step none is dead. */
export function deadExperts(received: ArrayLike<number>): readonly number[] {
  const shares = Array.from(received);
  const total = shares.reduce((sum, one) => sum + one, 0);
  return total === 0 ? [] : [...shares.keys()].filter((expert) => shares[expert]! / total < deadShare(shares.length));
}
