import { sizeOf } from '../../engine/feeds.js';
import { type ChannelStatistics, IMAGENET_MEAN, IMAGENET_STD } from '../../models/channel-statistics.js';
import type { EncoderWeights } from '../method.js';

/**
 * An encoder that was trained on pixels normalised by other statistics, as one that takes pixels normalised by ImageNet's:
 * x = (pixel - mean) / std is linear in our (pixel - m) / s, so the patch embedding can do the rest, exactly:
 * its kernel times s / std by channel, its bias plus the kernel times (m - mean) / std. Nothing else sees pixels.
 */
export function renormalise(encoder: EncoderWeights, mean: ChannelStatistics, std: ChannelStatistics): EncoderWeights {
  const scale = IMAGENET_STD.map((own, channel) => own / std[channel]!);
  const shift = IMAGENET_MEAN.map((own, channel) => (own - mean[channel]!) / std[channel]!);
  if (scale.every((value) => value === 1) && shift.every((value) => value === 0)) return encoder;
  const kernel = encoder.get('patch_embed.proj.weight')!;
  const bias = encoder.get('patch_embed.proj.bias')!;
  const [width, channels, ...patch] = kernel.shape as readonly [number, number, ...number[]];
  const pixels = sizeOf(patch);
  const scaled = kernel.data.map((value, i) => value * scale[Math.floor(i / pixels) % channels]!);
  const moved = bias.data.map((value, out) => {
    let sum = value;
    for (let i = 0; i < channels * pixels; i++) sum += kernel.data[out * channels * pixels + i]! * shift[Math.floor(i / pixels)]!;
    return sum;
  });
  if (moved.length !== width) throw new Error('the patch embedding has no bias of its width');
  return new Map([...encoder, ['patch_embed.proj.weight', { shape: kernel.shape, data: scaled }], ['patch_embed.proj.bias', { shape: bias.shape, data: moved }]]);
}
