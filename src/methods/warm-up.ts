/** A schedule as its epochs are told in a message. */
export const lengthOf = (epochs: number): string => `the schedule's ${Number(epochs.toFixed(2))} epochs`;

/** What is wrong with a warm-up of so many epochs of a schedule; empty when nothing is. */
export const warmUpProblems = (warmUp: number, epochs: number): readonly string[] => (warmUp < epochs ? [] : [
  `warmup_epochs ${warmUp} is not shorter than ${lengthOf(epochs)}: the learning rate would never reach its peak; a tenth of them would be ${Number((epochs / 10).toPrecision(2))}`,
]);
