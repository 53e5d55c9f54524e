import type { View } from '../../data/augment/index.js';
import type { VitConfig } from '../../models/config.js';
import { localModel } from './local-model.js';
import type { IbotOptions } from './options.js';

/** The views of each image: two large ones, then the small ones. */
export function ibotViews(model: VitConfig, options: IbotOptions): readonly View[] {
  const local = localModel(model, options);
  return [
    { name: 'global', size: model.imageSize, augment: options.augment_global_1 },
    { name: 'global', size: model.imageSize, augment: options.augment_global_2 },
    ...(local === null ? [] : Array.from({ length: options.local_crops.count }, () => ({ name: 'local', size: local.imageSize, augment: options.augment_local }))),
  ];
}
