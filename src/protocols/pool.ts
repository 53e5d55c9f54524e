/**
 * Which of an encoder's outputs, after its final LayerNorm, stands for the image: its cls token (MAE's linear probe,
 * methods.md 1.5) or the mean of its patch tokens.
 */
export const pools = ['cls', 'mean'] as const;
export type Pool = (typeof pools)[number];

/** Schema fragment of the option `pool`, shared by the protocols on features. */
export const poolSchema = { type: 'string', enum: pools, default: 'cls', description: 'What stands for an image: its cls token, or the mean of its patch tokens.' } as const;
