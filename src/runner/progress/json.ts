import type { Writable } from 'node:stream';
import type { Progress } from './events.js';

/** A running job says where it is at most this often. */
const everyMs = 1000;

/** One JSON object per event and line, with the time it happened. */
export function jsonProgress(out: Writable): Progress {
  const last = new Map<string, number>();
  return {
    on(event) {
      const now = Date.now();
      if (event.event === 'progress') {
        if (now - (last.get(event.id) ?? -Infinity) < everyMs) return;
        last.set(event.id, now);
      }
      out.write(`${JSON.stringify({ at: new Date(now).toISOString(), ...event })}\n`);
    },
    close: () => undefined,
  };
}
