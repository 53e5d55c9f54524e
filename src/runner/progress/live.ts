import { MultiBar, type SingleBar } from 'cli-progress';
import { formatLoss, formatSeconds, type Progress, type RunEvent } from './events.js';
import { lineOf } from './lines.js';

// cli-progress keeps the terminal from wrapping, which would cut a long line, and clears one row only before it writes what stays.
const [clearBelow, wrapOn, wrapOff] = ['\u001b[J', '\u001b[?7h', '\u001b[?7l'];

const fit = (text: string, width: number): string => (text.length <= width ? text.padEnd(width) : `${text.slice(0, width - 1)}…`);

/** Facts of one bar as cli-progress hands them to the formatter. */
interface Facts { readonly label: string; readonly facts: string }

/** The live view: one bar for the whole plan and one a worker, redrawn in place; what should stay is printed above them. */
export function liveProgress(out: NodeJS.WriteStream): Progress {
  const bars = new MultiBar({
    stream: out,
    hideCursor: true,
    clearOnComplete: true,
    linewrap: false,
    // The command decides what Ctrl-C means.
    gracefulExit: false,
    fps: 8,
    format: (_options, params, payload: Facts) => {
      const width = Math.max(40, out.columns || 80);
      const label = fit(payload.label, Math.min(40, Math.floor(width * 0.34)));
      const barWidth = width < 100 ? 10 : 18;
      const filled = Math.round(Math.min(1, Math.max(0, params.progress)) * barWidth);
      return `${label} ${'█'.repeat(filled)}${'░'.repeat(barWidth - filled)} ${payload.facts}`.slice(0, width - 1);
    },
  });
  let whole: SingleBar | null = null;
  const slots: { bar: SingleBar; id: string | null }[] = [];
  // A new object each time: cli-progress writes into the ones that it is given.
  const idle = (): Facts => ({ label: '-', facts: '' });
  const print = (line: string): void => bars.log(`${clearBelow}${wrapOn}${line}${wrapOff}\n`);
  let stopped = false;
  const stop = (): void => {
    if (stopped) return;
    stopped = true;
    // Draws once more: lines that are not on the screen yet would be lost.
    bars.update();
    bars.stop();
  };
  const slotOf = (id: string): (typeof slots)[number] | undefined => slots.find((slot) => slot.id === id);

  let setUp: SingleBar | null = null;
  const showSetUp = ({ title, done, total }: Extract<RunEvent, { event: 'set-up' }>): void => {
    const facts: Facts = { label: title, facts: total > 0 ? `${Math.floor((100 * done) / total)} %` : '' };
    setUp ??= bars.create(1000, 0, facts);
    setUp.update(total > 0 ? Math.round((1000 * done) / total) : 0, facts);
  };

  const start = (event: Extract<RunEvent, { event: 'plan' }>): void => {
    if (setUp !== null) bars.remove(setUp);
    print(lineOf(event)!);
    whole = bars.create(1000, 0, { label: event.suite, facts: `0/${event.jobs} jobs` } satisfies Facts);
    for (let i = 0; i < event.workers; i++) slots.push({ bar: bars.create(1000, 0, idle()), id: null });
  };

  return {
    on(event) {
      switch (event.event) {
        case 'set-up': showSetUp(event); break;
        case 'plan': start(event); break;
        case 'start': {
          const free = slots.find((slot) => slot.id === null);
          if (free === undefined) break;
          free.id = event.id;
          free.bar.update(0, { label: event.id, facts: 'starts' } satisfies Facts);
          break;
        }
        case 'progress': {
          const { done, total, unit, loss, imagesPerSecond } = event.progress;
          const fraction = total > 0 ? done / total : 0;
          const facts = [
            // Short: it has to fit beside the bar.
            unit === 'images' && imagesPerSecond !== undefined ? `${done}/${total}` : `${done}/${total} ${unit}`,
            imagesPerSecond !== undefined && `${Math.round(imagesPerSecond)} images/s`,
            loss !== undefined && `loss ${formatLoss(loss)}`,
            fraction > 0.02 && fraction < 1 && `${formatSeconds(event.seconds * (1 / fraction - 1))} left`,
          ].filter((part) => part !== false).join('  ');
          slotOf(event.id)?.bar.update(Math.round(fraction * 1000), { label: event.id, facts } satisfies Facts);
          break;
        }
        case 'end': {
          const slot = slotOf(event.id);
          if (slot !== undefined) {
            slot.id = null;
            slot.bar.update(0, idle());
          }
          if (event.state.state === 'failed' || event.foreign === true) print(lineOf(event)!);
          break;
        }
        case 'overall': {
          const facts = [
            `${event.finished}/${event.jobs} jobs`,
            event.failed > 0 && `${event.failed} failed`,
            event.seconds !== null && `about ${formatSeconds(event.seconds)} left`,
          ].filter((part) => part !== false).join('  ');
          whole?.update(Math.round(event.fraction * 1000), { facts });
          break;
        }
        case 'note':
        case 'error': print(event.text); break;
        case 'resumed':
        case 'dropped': print(lineOf(event)!); break;
        case 'finish': break;
      }
      if (event.event === 'finish') {
        stop();
        out.write(`${lineOf(event)!}\n`);
      }
    },
    close: stop,
  };
}
