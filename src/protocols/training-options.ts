import { searchedDecay, searchedRate } from './searched-options.js';

/** Options of AdamW on a whole encoder, alike for every protocol but for some defaults. */
export const trainingProperties = {
  lr: { ...searchedRate, default: 0.001, description: 'Learning rate after warm-up, as it is (not scaled by the batch size). A list is chosen from on validation.' },
  layer_decay: { ...searchedDecay, default: 0.75, description: 'Factor on the learning rate from each layer to the one below; 1: none. A list is chosen from on validation.' },
  steps: { type: 'integer', minimum: 1, maximum: 10_000_000, default: 200, description: 'Optimiser updates.' },
  warmup: { type: 'number', minimum: 0, exclusiveMaximum: 1, default: 0.05, description: 'Share of the steps in which the learning rate rises from 0.' },
  min_lr: { type: 'number', minimum: 0, maximum: 10, default: 1e-6, description: 'Learning rate at the end of the cosine.' },
  weight_decay: { type: 'number', minimum: 0, maximum: 10, default: 0.05, description: 'Decoupled weight decay; not on biases, norms, cls_token and pos_embed.' },
  drop_path: { type: 'number', minimum: 0, exclusiveMaximum: 1, default: 0.1, description: 'Stochastic depth: probability in the last block, rising from 0 in the first.' },
} as const;
