import type { Runtime } from '../engine/runtime/index.js';

/** What of the runtime must be equal for half-finished jobs to go on, and for measurements to hold. */
export const runtimeText = ({ version, source }: Pick<Runtime, 'version' | 'source'>): string =>
  `TensorFlow ${version}, ${source}, oneDNN ${process.env['TF_ENABLE_ONEDNN_OPTS'] ?? 'default'}`;
