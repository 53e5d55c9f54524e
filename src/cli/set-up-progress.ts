import { Presets, SingleBar } from 'cli-progress';
import { phaseTitle, type OnProgress, type SetUpProgress } from '../engine/runtime/index.js';

const megabytes = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`;
const countsBytes = ({ phase }: SetUpProgress): boolean => phase.startsWith('download') || phase === 'extract';

/** Shows the set-up of the runtime on stderr: a bar on a terminal, else a line when a phase begins. Nothing when it is ready. */
export function showProgress(stream: NodeJS.WriteStream = process.stderr): OnProgress {
  return stream.isTTY ? bar(stream) : lines(stream);
}

function lines(stream: NodeJS.WriteStream): OnProgress {
  let shown: SetUpProgress['phase'] | null = null;
  return (progress) => {
    if (progress.phase === shown) return;
    shown = progress.phase;
    const size = countsBytes(progress) && progress.total > 0 ? ` (${megabytes(progress.total)})` : '';
    stream.write(`maskbench: ${phaseTitle[progress.phase]}${size}\n`);
  };
}

function bar(stream: NodeJS.WriteStream): OnProgress {
  let current: { readonly phase: SetUpProgress['phase']; readonly bar: SingleBar } | null = null;
  return (progress) => {
    const { phase, done, total } = progress;
    if (current?.phase !== phase) {
      current?.bar.stop();
      const format = `${phaseTitle[phase]} {bar} {amount}`;
      current = { phase, bar: new SingleBar({ format, stream, barsize: 30, hideCursor: true, stopOnComplete: true }, Presets.shades_classic) };
      current.bar.start(Math.max(total, 1), 0, { amount: '' });
    }
    current.bar.setTotal(Math.max(total, 1));
    current.bar.update(done, { amount: countsBytes(progress) ? megabytes(done) : '' });
  };
}
