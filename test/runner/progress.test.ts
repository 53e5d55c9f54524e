import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { formatLoss, formatSeconds, type RunEvent } from '../../src/runner/progress/events.js';
import { jsonProgress } from '../../src/runner/progress/json.js';
import { linesProgress } from '../../src/runner/progress/lines.js';
import { liveProgress } from '../../src/runner/progress/live.js';
import { progressFor } from '../../src/runner/progress/index.js';

const events: readonly RunEvent[] = [
  { event: 'set-up', title: 'downloading TensorFlow', done: 1, total: 10 },
  { event: 'set-up', title: 'downloading TensorFlow', done: 5, total: 10 },
  { event: 'plan', suite: 'quick', jobs: 4, cached: 1, workers: 2 },
  { event: 'end', id: 'prepare', kind: 'prepare', state: { state: 'cached' }, foreign: true },
  { event: 'start', id: 'pretrain/mae/s0', kind: 'pretrain', log: '/l' },
  { event: 'resumed', id: 'pretrain/mae/s0' },
  { event: 'dropped', id: 'pretrain/mae/s0', reason: 'the checkpoint is damaged' },
  { event: 'progress', id: 'pretrain/mae/s0', kind: 'pretrain', seconds: 30, progress: { done: 25, total: 100, unit: 'steps', loss: 0.51234, imagesPerSecond: 1580.4 } },
  { event: 'overall', finished: 1, jobs: 4, failed: 0, fraction: 0.3, seconds: 95 },
  { event: 'end', id: 'pretrain/mae/s0', kind: 'pretrain', state: { state: 'done', seconds: 61 } },
  { event: 'end', id: 'transfer/a', kind: 'transfer', state: { state: 'failed', message: 'loss is NaN\nmore', log: '/store/logs/x.log' } },
  { event: 'end', id: 'transfer/b', kind: 'transfer', state: { state: 'skipped', because: 'transfer/a failed' } },
  { event: 'note', text: 'a note' },
  { event: 'finish', counts: { done: 1, cached: 1, failed: 1, skipped: 1, pending: 0 }, seconds: 200, interrupted: false },
];

const textOf = (make: (out: PassThrough) => { on(event: RunEvent): void; close(): void }): string => {
  const out = new PassThrough();
  const progress = make(out);
  for (const event of events) progress.on(event);
  progress.close();
  return String(out.read());
};

describe('progress', () => {
  it('as lines: one an event', () => {
    expect(textOf(linesProgress).trimEnd().split('\n')).toEqual([
      'set-up  downloading TensorFlow',
      'quick: 4 jobs, 1 cached, 2 workers',
      'cached  prepare  (made on another machine or runtime)',
      'start   pretrain/mae/s0',
      'resume  pretrain/mae/s0 from its checkpoint',
      'anew    pretrain/mae/s0  the checkpoint is damaged',
      'done    pretrain/mae/s0  61 s',
      'FAILED  transfer/a  loss is NaN  (log: /store/logs/x.log)',
      'skipped transfer/b  transfer/a failed',
      'a note',
      'finished after 3 min: 1 done, 1 cached, 1 failed, 1 skipped',
    ]);
  });

  it('as JSON: every event whole, with its time', () => {
    const lines = textOf(jsonProgress).trimEnd().split('\n').map((line) => JSON.parse(line) as RunEvent & { at: string });
    expect(lines).toEqual(events.map((event) => ({ ...event, at: expect.any(String) as string })));
    expect(lines.every(({ at }) => !Number.isNaN(Date.parse(at)))).toBe(true);
  });

  it('live: bars with rate, loss and time left, failures stay on the screen', async () => {
    const out = Object.assign(new PassThrough(), { isTTY: true, columns: 120, cursorTo: () => true, moveCursor: () => true, clearLine: () => true, clearScreenDown: () => true }) as unknown as NodeJS.WriteStream & PassThrough;
    const progress = liveProgress(out);
    for (const event of events.slice(0, 9)) progress.on(event);
    await new Promise((resolve) => setTimeout(resolve, 300));
    for (const event of events.slice(9)) progress.on(event);
    progress.close();
    const text = String(out.read());
    expect(text).toContain('pretrain/mae/s0');
    expect(text).toContain('25/100 steps  1580 images/s  loss 0.5123  90 s left');
    expect(text).toContain('1/4 jobs  about 95 s left');
    expect(text).toContain('anew    pretrain/mae/s0  the checkpoint is damaged');
    expect(text).toContain('FAILED  transfer/a  loss is NaN');
    expect(text).toContain('finished after 3 min');
  });

  it('live: what stays is not cut at the edge of the terminal, and nothing of the bars is left beside it', async () => {
    const out = Object.assign(new PassThrough(), { isTTY: true, columns: 40 }) as unknown as NodeJS.WriteStream & PassThrough;
    const progress = liveProgress(out);
    progress.on(events[2]!);
    progress.on({ event: 'note', text: 'words '.repeat(20).trim() });
    await new Promise((resolve) => setTimeout(resolve, 300));
    progress.close();
    const text = String(out.read());
    const [before, after] = text.split('words '.repeat(20).trim()) as [string, string];
    const modes = (part: string): readonly string[] => part.split('\u001b[').filter((code) => /^\?7[hl]/.test(code)).map((code) => code.slice(2, 3));
    expect(modes(before).at(-1)).toBe('h');
    expect(modes(after)[0]).toBe('l');
    expect(before.slice(before.lastIndexOf('jobs'))).toContain('\u001b[J');
  });

  it('is chosen by what stderr is', () => {
    const plain = new PassThrough() as unknown as NodeJS.WriteStream & PassThrough;
    progressFor(plain, false).on(events[2]!);
    progressFor(plain, true).on(events[2]!);
    const [line, json] = String(plain.read()).split('\n');
    expect(line).toBe('quick: 4 jobs, 1 cached, 2 workers');
    expect(JSON.parse(json!)).toMatchObject({ event: 'plan', jobs: 4 });
  });

  it('writes times and losses for people', () => {
    expect([3.14, 61, 200, 3700, 260_000].map(formatSeconds)).toEqual(['3.1 s', '61 s', '3 min', '1 h 2 min', '3 days']);
    expect([0.5, 12.34567, 1e-7, 12_345].map(formatLoss)).toEqual(['0.5000', '12.3457', '1.00e-7', '1.23e+4']);
  });
});
