/** Of neighbouring numbers, so that equal hues are told apart. */
const lightness = [0.55, 0.3, 0.75] as const;

/** RGB of a class, 0..255, in pictures of predictions and in their legend: hues as far apart as neighbouring numbers allow (the golden angle). */
export function classColour(label: number): readonly [number, number, number] {
  const hue = (label * 137.508) % 360;
  const light = lightness[label % lightness.length]!;
  const strength = Math.min(light, 1 - light);
  const channel = (offset: number): number => {
    const k = (offset + hue / 30) % 12;
    return Math.round(255 * (light - strength * Math.max(-1, Math.min(k - 3, 9 - k, 1))));
  };
  return [channel(0), channel(8), channel(4)];
}
