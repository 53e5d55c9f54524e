/** What jobs are called: by kind, then what tells them apart. */

export const prepareId = (data: string): string => `prepare/${data}`;
export const pretrainId = (entry: string, seed: number): string => `pretrain/${entry}/s${seed}`;
export const clusterId = (entry: string, seed: number): string => `cluster/${entry}/s${seed}`;
export const attentionId = (entry: string, task: string, seed: number): string => `attention/${entry}/${task}/s${seed}`;
export const overlapId = (entry: string, task: string, seed: number): string => `overlap/${entry}/${task}/s${seed}`;

/** `share`: of the training's steps; the job is of the snapshot there. */
const at = (seed: number, share: number | undefined): string => `s${seed}${share === undefined ? '' : `/at-${share}`}`;
export const searchId = (entry: string, task: string, seed: number, share?: number): string => `search/${entry}/${task}/${at(seed, share)}`;
export const featuresId = (entry: string, task: string, seed: number, share?: number): string => `features/${entry}/${task}/${at(seed, share)}`;
export const transferId = (entry: string, task: string, protocol: string, seed: number, share?: number): string => `transfer/${entry}/${task}/${protocol}/${at(seed, share)}`;
