import type { Writable } from 'node:stream';
import type { Progress } from './events.js';

/** One JSON object per event and line, with the time it happened. */
export const jsonProgress = (out: Writable): Progress => ({
  on: (event) => { out.write(`${JSON.stringify({ at: new Date().toISOString(), ...event })}\n`); },
  close: () => undefined,
});
