import type { JobProgress, JobState } from '../job.js';

/** What a run says while it goes on. With `--json` each is one line of JSON on stderr. */
export type RunEvent =
  /** Before the plan: what the machine needs once (the tensor runtime). `total` 0: not known. */
  | { readonly event: 'set-up'; readonly title: string; readonly done: number; readonly total: number }
  | { readonly event: 'plan'; readonly suite: string; readonly jobs: number; readonly cached: number; readonly workers: number }
  | { readonly event: 'start'; readonly id: string; readonly kind: string; readonly log: string }
  /** The job goes on from a checkpoint of an interrupted run. */
  | { readonly event: 'resumed'; readonly id: string }
  /** The job starts anew although an interrupted run left checkpoints. */
  | { readonly event: 'dropped'; readonly id: string; readonly reason: string }
  | { readonly event: 'progress'; readonly id: string; readonly kind: string; readonly seconds: number; readonly progress: JobProgress }
  /** `foreign`: a cached result that was made on another kind of machine, device or runtime. */
  | { readonly event: 'end'; readonly id: string; readonly kind: string; readonly state: EndState; readonly foreign?: boolean }
  | { readonly event: 'note'; readonly text: string }
  /** The command ends with this error (only with `--json`; else it stands on stderr as text). `kind`: of the MaskbenchError. */
  | { readonly event: 'error'; readonly kind: string; readonly text: string }
  /** `seconds`: until the whole plan is finished, null while unknown. */
  | { readonly event: 'overall'; readonly finished: number; readonly jobs: number; readonly failed: number; readonly fraction: number; readonly seconds: number | null }
  | { readonly event: 'finish'; readonly counts: Counts; readonly seconds: number; readonly interrupted: boolean };

export type EndState = Extract<JobState, { state: 'cached' | 'done' | 'failed' | 'skipped' }>;
export interface Counts { readonly done: number; readonly cached: number; readonly failed: number; readonly skipped: number; readonly pending: number }

/** One way to show a run. Members: live (terminal), lines (log files), json (machines). */
export interface Progress {
  on(event: RunEvent): void;
  /** Leaves the terminal as it was. Called once, also after an error. */
  close(): void;
}

export function formatSeconds(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 120) return `${whole} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.round(hours / 24)} days`;
}

export const formatLoss = (loss: number): string => (Math.abs(loss) >= 0.001 && Math.abs(loss) < 1000 ? loss.toFixed(4) : loss.toExponential(2));
