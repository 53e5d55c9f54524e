import type { VitConfig } from '../../models/config.js';
import type { IbotOptions } from './options.js';

/** Sides of the paper's small and large views. */
const share = 96 / 224;

/** The encoder as it sees a small view; null where there are none. */
export function localModel(model: VitConfig, { local_crops: { count, size } }: Pick<IbotOptions, 'local_crops'>): VitConfig | null {
  if (count === 0) return null;
  const { imageSize, patchSize } = model;
  return { ...model, imageSize: size === 'auto' ? Math.max(1, Math.round((imageSize * share) / patchSize)) * patchSize : size };
}
