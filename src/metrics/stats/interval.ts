/** `low` <= `high`, in the values' unit. Of 95 % unless said. */
export interface Interval { readonly low: number; readonly high: number }

/** Two-sided coverage of intervals where nothing else is asked for. */
export const coverage = 0.95;
