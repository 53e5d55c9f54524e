/** One-hot rows, smoothed as torch's `label_smoothing` does: 1 - s + s / C on the class, s / C elsewhere. float32 [n, C]. */
export function smoothTargets(labels: ArrayLike<number>, classes: number, smoothing: number): Float32Array {
  const targets = new Float32Array(labels.length * classes).fill(smoothing / classes);
  for (let row = 0; row < labels.length; row++) targets[row * classes + labels[row]!] = 1 - smoothing + smoothing / classes;
  return targets;
}

/** Targets of a mixed batch, in place: `share` of a row and the rest of the row of the batch in reverse order. timm: mixup_target. */
export function mixTargets(targets: Float32Array, classes: number, share: number): void {
  const rows = targets.length / classes;
  for (let row = 0; row < Math.floor(rows / 2); row++) {
    for (let label = 0; label < classes; label++) {
      const a = row * classes + label;
      const b = (rows - 1 - row) * classes + label;
      const first = targets[a]!;
      const second = targets[b]!;
      targets[a] = first * share + second * (1 - share);
      targets[b] = second * share + first * (1 - share);
    }
  }
}
