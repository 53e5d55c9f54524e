/** 0.5, 0.55, ... 0.95, to the bit as numpy's linspace gives them. */
export const iouThresholds: readonly number[] = evenly(0.5, 0.95, 10);

/** 0, 0.01, ... 1. */
export const recallPoints: readonly number[] = evenly(0, 1, 101);

function evenly(first: number, last: number, count: number): readonly number[] {
  const step = (last - first) / (count - 1);
  return Array.from({ length: count }, (_, i) => (i === count - 1 ? last : i * step + first));
}

/** Areas of objects in square pixels, both ends included. */
export const areaRanges = { all: [0, 1e10], small: [0, 32 ** 2], medium: [32 ** 2, 96 ** 2], large: [96 ** 2, 1e10] } as const;
export type AreaRange = readonly [number, number];
