/** Options as a schema writes them, with every default filled in, to any depth. */
export type Filled<T> = T extends readonly unknown[] ? T : T extends object ? { readonly [K in keyof T]-?: Filled<T[K]> } : T;
