/** A row whose verdict waits for the p-values of all others. */
export interface Tested<Row> {
  readonly p: number | null;
  /** The whole passes only with it. */
  readonly decides: boolean;
  /** `adjusted`: p for all rows together; null without one. */
  readonly finish: (adjusted: number | null) => Row;
}

/** Of so many comparisons of unchanged code this share at most is called regressed. */
export const alarmRate = 0.05;
