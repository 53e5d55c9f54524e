import type { CurvePoint } from '../../training/curve.js';

/** Shares of log K between which a teacher's output says something of its image. */
const [LOWEST, HIGHEST] = [0.1, 0.99];

/**
 * Why a finished training is no use: in its last tenth the teacher's mean output entropy was under 10 % of log K (one
 * prototype for everything) or over 99 % of it (all prototypes alike). Null where it is some. The curve's points have it as
 * the diagnostic `teacher_entropy`, in nats.
 */
export function collapseOf(curve: readonly CurvePoint[], prototypes: number): string | null {
  const steps = curve.at(-1)?.step ?? 0;
  const entropies = curve.flatMap(({ step, diagnostics }) => (step > 0.9 * steps && diagnostics?.['teacher_entropy'] !== undefined ? [diagnostics['teacher_entropy']] : []));
  if (entropies.length === 0) return null;
  const most = Math.log(prototypes);
  const entropy = entropies.reduce((sum, value) => sum + value, 0) / entropies.length;
  const share = entropy / most;
  if (share >= LOWEST && share <= HIGHEST) return null;
  const bound = share < LOWEST ? `under ${100 * LOWEST} %` : `over ${100 * HIGHEST} %`;
  return `the teacher's output entropy in the last tenth of training was ${entropy.toFixed(2)} nats, ${bound} of log ${prototypes} = ${most.toFixed(2)}`;
}
