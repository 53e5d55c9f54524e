import type { Writable } from 'node:stream';
import { formatLoss, formatSeconds, type Counts, type Progress, type RunEvent } from './events.js';

/** A running job says a line at most this often. */
const everySeconds = 15;

export const countsText = ({ done, cached, failed, skipped, pending }: Counts): string =>
  [`${done} done`, `${cached} cached`, failed > 0 && `${failed} failed`, skipped > 0 && `${skipped} skipped`, pending > 0 && `${pending} left`].filter((part) => part !== false).join(', ');

/** The line of an event, null for events without one. */
export function lineOf(event: RunEvent): string | null {
  switch (event.event) {
    case 'set-up': return `set-up  ${event.title}`;
    case 'plan': return `${event.suite}: ${event.jobs} jobs, ${event.cached} cached, ${event.workers} worker${event.workers === 1 ? '' : 's'}`;
    case 'start': return `start   ${event.id}`;
    case 'resumed': return `resume  ${event.id} from its checkpoint`;
    case 'dropped': return `anew    ${event.id}  ${event.reason}`;
    case 'progress': {
      const { done, total, unit, loss, imagesPerSecond } = event.progress;
      return [`running ${event.id}  ${done}/${total} ${unit}`, loss !== undefined && `loss ${formatLoss(loss)}`, imagesPerSecond !== undefined && `${Math.round(imagesPerSecond)} images/s`]
        .filter((part) => part !== false).join('  ');
    }
    case 'end':
      switch (event.state.state) {
        case 'cached': return `cached  ${event.id}${event.foreign === true ? '  (made on another machine or runtime)' : ''}`;
        case 'done': return `done    ${event.id}  ${formatSeconds(event.state.seconds)}`;
        case 'failed': return `FAILED  ${event.id}  ${event.state.message.split('\n')[0]}  (log: ${event.state.log})`;
        case 'skipped': return `skipped ${event.id}  ${event.state.because}`;
      }
      return event.state satisfies never;
    case 'note':
    case 'error': return event.text;
    case 'overall': return `${event.finished}/${event.jobs} jobs, ${Math.floor(event.fraction * 100)} % of the work${event.seconds === null ? '' : `, about ${formatSeconds(event.seconds)} left`}`;
    case 'finish': return `${event.interrupted ? 'interrupted' : 'finished'} after ${formatSeconds(event.seconds)}: ${countsText(event.counts)}`;
  }
  return event satisfies never;
}

/** One line per event, for output that is not a terminal. Progress of a job and of the whole at most every 15 s. */
export function linesProgress(out: Writable): Progress {
  const last = new Map<string, number>();
  let phase = '';
  return {
    on(event) {
      if (event.event === 'set-up') {
        if (event.title === phase) return;
        phase = event.title;
      }
      if (event.event === 'progress' || event.event === 'overall') {
        const about = event.event === 'progress' ? event.id : '';
        const now = Date.now();
        const before = last.get(about);
        if (before === undefined) last.set(about, now);
        if (before === undefined || now - before < everySeconds * 1000) return;
        last.set(about, now);
      }
      const line = lineOf(event);
      if (line !== null) out.write(`${line}\n`);
    },
    close: () => undefined,
  };
}
