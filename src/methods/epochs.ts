interface Length { readonly totalSteps: number; readonly stepsPerEpoch: number }

/** Significant digits that a division keeps: 9 / (9 / 7) is 6.999999999999999. */
const DIGITS = 12;

/** Epochs of a training, as its suite says them: what is checked against them when it is planned is checked alike in its job. */
export const epochsOf = ({ totalSteps, stepsPerEpoch }: Length): number => Number((totalSteps / stepsPerEpoch).toPrecision(DIGITS));
