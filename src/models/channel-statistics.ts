/** Mean and standard deviation of the red, green and blue channel, of values in 0..1. */
export type ChannelStatistics = readonly [red: number, green: number, blue: number];

/** ImageNet's, by which every encoder here is fed. */
export const IMAGENET_MEAN: ChannelStatistics = [0.485, 0.456, 0.406];
export const IMAGENET_STD: ChannelStatistics = [0.229, 0.224, 0.225];
