/** The part of jstat that is used; the package carries no types. */
declare module 'jstat' {
  interface StudentT {
    /** Quantile of Student's t with `dof` degrees of freedom. */
    inv(p: number, dof: number): number;
  }
  const jstat: { readonly studentt: StudentT };
  export = jstat;
}
