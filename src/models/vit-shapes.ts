import { patchCount, type VitConfig } from './config.js';

/** Names and shapes of the encoder's tensors, in order, without making their values. */
export function vitShapes(config: VitConfig): readonly { readonly name: string; readonly shape: readonly number[] }[] {
  const { width, patchSize, depth } = config;
  const hidden = Math.trunc(width * config.mlpRatio);
  const layer = (name: string, out: number, into: number) => [
    { name: `${name}.weight`, shape: [out, into] },
    { name: `${name}.bias`, shape: [out] },
  ];
  const norm = (name: string) => [
    { name: `${name}.weight`, shape: [width] },
    { name: `${name}.bias`, shape: [width] },
  ];
  return [
    { name: 'cls_token', shape: [1, 1, width] },
    { name: 'pos_embed', shape: [1, patchCount(config) + 1, width] },
    { name: 'patch_embed.proj.weight', shape: [width, 3, patchSize, patchSize] },
    { name: 'patch_embed.proj.bias', shape: [width] },
    ...Array.from({ length: depth }, (_, i) => [
      ...norm(`blocks.${i}.norm1`),
      ...layer(`blocks.${i}.attn.qkv`, 3 * width, width),
      ...layer(`blocks.${i}.attn.proj`, width, width),
      ...norm(`blocks.${i}.norm2`),
      ...layer(`blocks.${i}.mlp.fc1`, hidden, width),
      ...layer(`blocks.${i}.mlp.fc2`, width, hidden),
    ]).flat(),
    ...norm('norm'),
  ];
}
