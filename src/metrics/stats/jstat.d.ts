/** The part of jstat that is used; the package carries no types. */
declare module 'jstat' {
  interface StudentT {
    /** Quantile of Student's t with `dof` degrees of freedom. */
    inv(p: number, dof: number): number;
    /** Probability of a value up to x. */
    cdf(x: number, dof: number): number;
  }
  interface Normal {
    /** Quantile. */
    inv(p: number, mean: number, sd: number): number;
    /** Probability of a value up to x. */
    cdf(x: number, mean: number, sd: number): number;
  }
  interface ChiSquare {
    /** Quantile of the chi-square distribution with `dof` degrees of freedom. */
    inv(p: number, dof: number): number;
  }
  /** `gammaln`: logarithm of the gamma function. */
  const jstat: { readonly studentt: StudentT; readonly normal: Normal; readonly chisquare: ChiSquare; gammaln(x: number): number };
  export = jstat;
}
