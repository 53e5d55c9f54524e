import type { AdamW } from '../engine/contract.js';

/** The optimiser of all that train an encoder for a task. */
export const adamW: AdamW = { kind: 'adamw', beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };

/** Whether weight decay applies: not to biases, norms, class token and positions (methods.md 1.4). */
export const decays = (name: string, shape: readonly number[]): boolean => shape.length > 1 && name !== 'cls_token' && name !== 'pos_embed';
