/** `download` and `extract` count bytes (total 0: not known), the others are done when `done` reaches `total`. */
export interface SetUpProgress {
  readonly phase: 'wait' | 'download' | 'extract' | 'build';
  readonly done: number;
  readonly total: number;
}

export type OnProgress = (progress: SetUpProgress) => void;

/** What a person reads for a phase. */
export const phaseTitle: Readonly<Record<SetUpProgress['phase'], string>> = {
  wait: 'waiting for another process that sets TensorFlow up',
  download: 'downloading TensorFlow',
  extract: 'unpacking TensorFlow',
  build: 'building the addon',
};
