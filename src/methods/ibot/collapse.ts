import type { CurvePoint } from '../../training/curve.js';
import { lateMean } from '../late-mean.js';

/** Shares of log K between which a teacher's output says something of its image. */
const [LOWEST, HIGHEST] = [0.1, 0.99];

/** The rule for a reader of the entropies. */
export function collapseNote(prototypes: number): string {
  const most = Math.log(prototypes);
  return `Collapsed is a training that ends with an entropy of each image under ${(LOWEST * most).toFixed(2)} or over ${(HIGHEST * most).toFixed(2)}, ${100 * LOWEST} and ${100 * HIGHEST} % of ln K.`;
}

/**
 * Why a finished training is no use: in its last tenth the teacher's mean output entropy was under 10 % of log K (one
 * prototype for everything) or over 99 % of it (all prototypes alike). Null where it is some. The curve's points have it as
 * the diagnostic `teacher_entropy`, in nats. A teacher that is sure of every image is under the bound too, also where it says
 * different things of them: that can be read off `teacher_entropy_of_mean`, which the reason gives.
 */
export function collapseOf(curve: readonly CurvePoint[], prototypes: number): string | null {
  const entropy = lateMean(curve, 'teacher_entropy');
  if (entropy === null) return null;
  const most = Math.log(prototypes);
  const share = entropy / most;
  if (share >= LOWEST && share <= HIGHEST) return null;
  const bound = share < LOWEST ? `under ${100 * LOWEST} %` : `over ${100 * HIGHEST} %`;
  const ofMean = lateMean(curve, 'teacher_entropy_of_mean');
  return `the teacher's output entropy in the last tenth of training was ${entropy.toFixed(2)} nats, ${bound} of log ${prototypes} = ${most.toFixed(2)}${share > HIGHEST || ofMean === null ? '' : `; that of the mean output of a batch was ${ofMean.toFixed(2)}`}`;
}
