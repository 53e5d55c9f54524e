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

/** Share of a balanced load under which an expert has learnt too little to be taken: 1 / (4 N) of the images. */
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

/** Experts that get less than that, in order. */
export const deadExperts = (loads: Float64Array): readonly number[] => [...loads.keys()].filter((expert) => loads[expert]! < deadShare(loads.length));
