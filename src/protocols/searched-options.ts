const rate = { type: 'number', exclusiveMinimum: 0, maximum: 10 } as const;
const decay = { type: 'number', exclusiveMinimum: 0, maximum: 1 } as const;

/** A learning rate or a list of them. */
export const searchedRate = { anyOf: [rate, { type: 'array', items: rate, minItems: 1, uniqueItems: true }] } as const;
/** A factor from layer to layer or a list of them. */
export const searchedDecay = { anyOf: [decay, { type: 'array', items: decay, minItems: 1, uniqueItems: true }] } as const;
