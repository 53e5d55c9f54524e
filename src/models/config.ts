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
