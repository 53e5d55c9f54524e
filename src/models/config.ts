import type { ResolvedModel } from '../suite/resolved.js';

/** A vision transformer's shape. Named ones as in timm (`vit_tiny`, `vit_small`, `vit_base`, `vit_large`) or custom. */
export interface VitConfig {
  readonly name: string;
  /** Pixels a side; a multiple of patchSize. */
  readonly imageSize: number;
  readonly patchSize: number;
  readonly width: number;
  readonly depth: number;
  readonly heads: number;
  readonly mlpRatio: number;
}

/** Number of patches of one image. */
export const patchCount = (config: VitConfig): number => (config.imageSize / config.patchSize) ** 2;

/** Colour values of one patch: p * p * 3. */
export const patchValues = (config: VitConfig): number => config.patchSize ** 2 * 3;

/** Widths, depths and heads of the standard names; the MLP is four times as wide. */
export const standardVits: Readonly<Record<string, { readonly width: number; readonly depth: number; readonly heads: number }>> = {
  vit_tiny: { width: 192, depth: 12, heads: 3 },
  vit_small: { width: 384, depth: 12, heads: 6 },
  vit_base: { width: 768, depth: 12, heads: 12 },
  vit_large: { width: 1024, depth: 24, heads: 16 },
};

/** The shape that a suite's `model` block describes. */
export const vitConfig = (model: ResolvedModel): VitConfig => ({
  name: model.name,
  imageSize: model.image_size,
  patchSize: model.patch_size,
  width: model.width,
  depth: model.depth,
  heads: model.heads,
  mlpRatio: model.mlp_ratio,
});
