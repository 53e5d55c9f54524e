import type { Stream } from '../../random.js';

/** A draw from Beta(alpha, alpha), alpha > 0; in [0, 1]. */
export function symmetricBeta(alpha: number, draws: Stream): number {
  if (alpha > 1) {
    const first = gamma(alpha, draws);
    return first / (first + gamma(alpha, draws));
  }
  // Joehnk's rejection: two powers of uniform draws whose sum is at most 1; by their logarithms, which cannot underflow.
  for (;;) {
    const first = Math.log(1 - draws.uniform()) / alpha;
    const second = Math.log(1 - draws.uniform()) / alpha;
    if (Math.exp(first) + Math.exp(second) <= 1) return 1 / (1 + Math.exp(second - first));
  }
}

/** A draw from Gamma(shape, 1), shape > 1. Marsaglia and Tsang 2000: a transformed normal draw, accepted nearly always. */
function gamma(shape: number, draws: Stream): number {
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const normal = draws.normal();
    const root = 1 + c * normal;
    if (root <= 0) continue;
    const cube = root ** 3;
    if (Math.log(1 - draws.uniform()) < 0.5 * normal * normal + d * (1 - cube + Math.log(cube))) return d * cube;
  }
}
