import { leafOptions, toldOf } from '../provenance.js';
import { maeSchema } from './options.js';

const ours = ['shift', 'margin', 'background'];
const alwaysOff = ['grayscale', 'solarize'];

/** What is said of MAE's augmentation where another method takes it over: a crop and a flip are the recipe, the rest is not in it. */
function augmentation(path: string, found: string): string {
  const name = path.replace('augment.', '');
  if (ours.includes(name)) return 'Our choice, in no paper.';
  if (alwaysOff.includes(name)) return 'MAE has none.';
  return name.includes('.') ? 'MAE has none; the value is iBOT\'s code\'s.' : `MAE's; ${found}`;
}

/** Provenance of the options that a method takes over from MAE. `found`: what was found of the method's own. */
export function takenOver(options: readonly (keyof typeof maeSchema.properties)[], found: string): Readonly<Record<string, string>> {
  const paths = leafOptions(maeSchema).filter((path) => options.some((option) => path === option || path.startsWith(`${option}.`)));
  return { ...toldOf(paths, `MAE's; ${found}`), ...Object.fromEntries(paths.flatMap((path) => (path.startsWith('augment.') ? [[path, augmentation(path, found)]] : []))) };
}
