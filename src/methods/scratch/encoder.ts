import { vitParams } from '../../models/vit.js';
import type { EncoderMethod } from '../method.js';

export const scratchMethod: EncoderMethod = {
  kind: 'none',
  encoder: async ({ model, seed }) => new Map(vitParams(model, seed).map(({ name, shape, value }) => [name, { shape, data: value }])),
};
