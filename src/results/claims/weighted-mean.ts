/** Mean of values that are drawn as often as the weights say. */
export const weightedMean = (values: readonly number[]) => (weights: ArrayLike<number>): number => {
  let [sum, all] = [0, 0];
  for (let i = 0; i < values.length; i++) {
    sum += weights[i]! * values[i]!;
    all += weights[i]!;
  }
  return sum / all;
};
