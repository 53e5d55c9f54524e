/** Rows of numbers on the host, such as the features of images: float32 [rows, width], row-major. */
export interface Rows { readonly data: Float32Array; readonly rows: number; readonly width: number }

/** Each row less `mean`, where one is given, scaled to Euclidean length 1, so that a dot product is a cosine. A row of zeros stays zero: similar to nothing. */
export function unitRows({ data, rows, width }: Rows, mean?: ArrayLike<number>): Rows {
  const out = new Float32Array(data.length);
  const less = (index: number): number => data[index]! - (mean?.[index % width] ?? 0);
  for (let start = 0; start < data.length; start += width) {
    let square = 0;
    for (let i = start; i < start + width; i++) square += less(i) ** 2;
    const scale = square > 0 ? 1 / Math.sqrt(square) : 0;
    for (let i = start; i < start + width; i++) out[i] = less(i) * scale;
  }
  return { data: out, rows, width };
}
