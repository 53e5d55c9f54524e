/**
 * Layer of a parameter for layer-wise lr decay, as MAE groups them (util/lr_decay.py): patch embedding, class token and
 * positions are layer 0, block i is layer i + 1, everything behind the blocks (norm, fc_norm, head) is layer depth + 1.
 */
export function layerOf(name: string, depth: number): number {
  if (name === 'cls_token' || name === 'pos_embed' || name.startsWith('patch_embed.')) return 0;
  const block = /^blocks\.(\d+)\./.exec(name);
  return block === null ? depth + 1 : Number(block[1]) + 1;
}

/** Factor on the learning rate: decay ^ (layers - layer), 1 for the head. */
export const lrScale = (name: string, depth: number, decay: number): number => decay ** (depth + 1 - layerOf(name, depth));
