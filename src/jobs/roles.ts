/** Role of an input: features of the encoder before training. */
export const untrainedRole = 'untrained';
