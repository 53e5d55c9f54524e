import type { Progress } from './events.js';
import { jsonProgress } from './json.js';
import { linesProgress } from './lines.js';
import { liveProgress } from './live.js';

export type { Counts, EndState, Progress, RunEvent } from './events.js';

/** JSON lines when asked for, else the live view on a terminal, else one line per event. */
export function progressFor(out: NodeJS.WriteStream, json: boolean): Progress {
  if (json) return jsonProgress(out);
  return out.isTTY && process.env['TERM'] !== 'dumb' ? liveProgress(out) : linesProgress(out);
}
