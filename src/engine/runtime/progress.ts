/** Downloads and `extract` count bytes (total 0: not known), the others are done when `done` reaches `total`. */
export interface SetUpProgress {
  readonly phase: 'wait' | 'download' | 'download-cuda' | 'download-archive' | 'extract' | 'build';
  readonly done: number;
  readonly total: number;
}

export type OnProgress = (progress: SetUpProgress) => void;

/** What a person reads for a phase. */
export const phaseTitle: Readonly<Record<SetUpProgress['phase'], string>> = {
  wait: 'waiting for another process that sets TensorFlow up',
  download: 'downloading TensorFlow',
  'download-cuda': "downloading NVIDIA's libraries",
  'download-archive': "downloading TensorFlow's C library, because pip could not bring its wheel",
  extract: 'unpacking TensorFlow',
  build: 'building the addon',
};
