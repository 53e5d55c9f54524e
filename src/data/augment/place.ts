/** One picture as a network sees it: uint8 RGB [size, size, 3] in `target` from `offset` on. Operations change it in place. */
export interface Place { readonly target: Uint8Array; readonly offset: number; readonly size: number }
