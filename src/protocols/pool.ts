/**
 * Which of an encoder's outputs, after its final LayerNorm, stands for the image: its cls token (MAE's linear probe,
 * methods.md 1.5) or the mean of its patch tokens.
 */
export const pools = ['cls', 'mean'] as const;
export type Pool = (typeof pools)[number];

/** A pooling, or a list to choose from on validation. */
export const poolValues = { anyOf: [{ type: 'string', enum: pools }, { type: 'array', items: { type: 'string', enum: pools }, minItems: 1, uniqueItems: true }] } as const;

/** Schema fragment of the option `pool`, shared by the protocols on features. */
export const poolSchema = { ...poolValues, default: 'cls', description: 'What stands for an image: its cls token, or the mean of its patch tokens. A list is chosen from on validation.' } as const;
