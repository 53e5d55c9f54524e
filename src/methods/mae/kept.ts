/** int(L * (1 - ratio)) as MAE computes it: patches that the encoder sees. */
export const keptPatches = (patches: number, maskRatio: number): number => Math.trunc(patches * (1 - maskRatio));
