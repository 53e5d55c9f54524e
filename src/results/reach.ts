/** Accuracy over the time of a training: a polygon through what was judged, ascending in time. `accuracy`: fraction. */
type AccuracyCurve = readonly { readonly seconds: number; readonly accuracy: number }[];

/**
 * Accuracies of which a curve tells when they were reached: from that of its first point (a lower one was reached before, nobody knows
 * when) to its highest.
 */
export const reached = (curve: AccuracyCurve): { readonly low: number; readonly high: number } =>
  ({ low: curve[0]!.accuracy, high: Math.max(...curve.map(({ accuracy }) => accuracy)) });

/** Seconds until a curve first comes to an accuracy, linear between its points; null outside what it `reached`. */
export function timeTo(accuracy: number, curve: AccuracyCurve): number | null {
  const { low, high } = reached(curve);
  if (!(accuracy >= low && accuracy <= high)) return null;
  const index = curve.findIndex((point) => point.accuracy >= accuracy);
  const [before, at] = [curve[index - 1], curve[index]!];
  if (before === undefined) return at.seconds;
  return before.seconds + ((accuracy - before.accuracy) / (at.accuracy - before.accuracy)) * (at.seconds - before.seconds);
}

/** At equal accuracy: the highest that both curves reach, and how many times b's time a takes to it. Null where the curves have no accuracy in common. */
export function ratioAtEqualAccuracy(a: AccuracyCurve, b: AccuracyCurve): { readonly accuracy: number; readonly ratio: number } | null {
  const [ofA, ofB] = [reached(a), reached(b)];
  const accuracy = Math.min(ofA.high, ofB.high);
  const [timeA, timeB] = [timeTo(accuracy, a), timeTo(accuracy, b)];
  return timeA === null || timeB === null ? null : { accuracy, ratio: timeA / timeB };
}
