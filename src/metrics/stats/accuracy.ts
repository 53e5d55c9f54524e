import type { Statistic } from './resample.js';

/** Share of right images, from whether each is right. */
export function accuracyOf(right: readonly boolean[]): Statistic {
  const bits = Float64Array.from(right, Number);
  return (weights) => {
    let [hits, all] = [0, 0];
    for (let i = 0; i < bits.length; i++) {
      hits += weights[i]! * bits[i]!;
      all += weights[i]!;
    }
    return hits / all;
  };
}

/** Mean over classes of the share of right images, from each image's class (0..) and whether it is right. Classes without weight are left out. */
export function meanPerClassOf(labels: readonly number[], right: readonly boolean[]): Statistic {
  const classes = labels.reduce((most, label) => Math.max(most, label + 1), 0);
  const bits = Float64Array.from(right, Number);
  const [hits, all] = [new Float64Array(classes), new Float64Array(classes)];
  return (weights) => {
    hits.fill(0);
    all.fill(0);
    for (let i = 0; i < bits.length; i++) {
      hits[labels[i]!]! += weights[i]! * bits[i]!;
      all[labels[i]!]! += weights[i]!;
    }
    let [sum, present] = [0, 0];
    for (let label = 0; label < classes; label++) {
      if (all[label] === 0) continue;
      sum += hits[label]! / all[label]!;
      present++;
    }
    return sum / present;
  };
}
