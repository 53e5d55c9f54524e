import { describe, expect, it } from 'vitest';
import { csv } from '../../src/report/csv.js';
import { reportData } from '../../src/report/format.js';
import { html } from '../../src/report/html.js';
import { markdown } from '../../src/report/markdown.js';
import { validateRunRecord } from '../../src/results/schema.js';
import { speedRows } from '../../src/results/speed-rows.js';
import type { RunRecord, SpeedBody } from '../../src/results/types.js';
import { summaryText } from '../../src/cli/run-summary.js';
import { speedSentences } from '../../src/report/speed-sentences.js';
import { fixture } from './fixture.js';

/** A suite that judges nothing: two entries of the fixture, one job, three rounds of one and two seconds a step. */
async function speedOnly(): Promise<RunRecord> {
  const whole = await fixture({ seeds: 1, tasks: 1 });
  const { entries, ...suite } = whole.suite as unknown as { readonly entries: readonly { readonly name: string }[] };
  const [quick, slow] = entries.slice(0, 2).map(({ name }) => name) as [string, string];
  const { results: [first] } = { results: whole.results.filter(({ kind }) => kind === 'pretrain') };
  const { schema, code, version, environment, startedAt, finishedAt } = first!;
  const entry = (name: string, seconds: number): SpeedBody['entries'][number] => ({
    name, method: 'mae', parameters: 5, epochs: 400, epochImages: 100, scheduleImages: 40_000, flopsPerImage: 2e9, flopsParts: [], peakMemoryBytes: 3e8, peakDeviceMemory: null,
    turns: [1, 2, 3].map(() => ({ outside: { steps: 1, seconds }, inside: { steps: 2, seconds: 2 * seconds } })),
  });
  const key = 'b'.repeat(64);
  const body: SpeedBody = {
    kind: 'speed', model: 'vit_tiny', batchSize: 4, askedBatchSize: 8, loaders: 1, turnSeconds: 2, load: [0.5, 0.4, 0.3], imagesHash: 'x', engine: environment.engine!,
    order: [[quick, slow], [slow, quick], [quick, slow]], entries: [entry(quick, 1), entry(slow, 2)],
  };
  const record: RunRecord = {
    ...whole,
    suite: { ...suite, entries: entries.slice(0, 2), tasks: [], protocols: [], reference: slow },
    jobs: [{ id: 'speed/vit_tiny', key, kind: 'speed', inputs: {}, tags: { model: 'vit_tiny' } }],
    results: [{ schema, code, version, environment, startedAt, finishedAt, key, id: 'speed/vit_tiny', config: {}, inputs: {}, seed: 0, wallSeconds: 1, cpuSeconds: 1, peakMemoryBytes: 1, resumed: false, ...body }],
    failures: [], pending: [], sharedEncoders: [], costs: [], previews: {},
  };
  return validateRunRecord({ ...record, speed: speedRows(record) });
}

describe('the report of a suite that measures speed alone', () => {
  it('has every number with its ratio, and says what is extrapolated', async () => {
    const data = reportData(await speedOnly());
    const text = await markdown.render(data);
    // 4 images a second; 40 000 images take 10 000 s, half of the reference's time.
    expect(text).toContain('whole schedule (extrapolated)');
    expect(text).toMatch(/2\.8 h \\\[2\.8 h, 2\.8 h\\\]; 0\.5 \\\[0\.5, 0\.5\\\]/);
    expect(text).toContain('8 were asked for and had no room');
    const page = await html.render(data);
    expect(page).toContain('id="speed"');
    expect(page).toContain('id="speed-ratios"');
    expect(page).not.toContain('id="choices"');
  });

  it('begins with a sentence for each entry beside the reference, on the terminal too', async () => {
    const record = await speedOnly();
    const [slow, quick] = [1, 0].map((at) => (record.suite as { readonly entries: readonly { readonly name: string }[] }).entries[at]!.name);
    const ratio = `0.5 times as long as ${slow} (95 % interval 0.5 to 0.5, 3 rounds)`;
    const sentence = `With vit_tiny, ${quick} takes ${ratio} for a step with its loader, and ${ratio} for its whole schedule, extrapolated from 6 steps.`;
    expect(speedSentences(record)).toEqual([sentence]);
    const { entries, ...suite } = record.suite as unknown as { readonly entries: readonly { readonly name: string }[] };
    const started = { ...record, suite: { ...suite, entries: entries.map((own) => (own.name === quick ? { ...own, start: slow } : own)) } } as unknown as RunRecord;
    expect(speedSentences({ ...started, speed: speedRows(started) })).toEqual([`With vit_tiny, ${quick} takes ${ratio} for a step with its loader, and whole schedules are not compared, as the time of what an entry starts from is not in its own.`]);
    expect(summaryText(record)).toBe(sentence);
    expect(await html.render(reportData(record))).toContain(`<p>${sentence}</p>`);
    expect(speedSentences({ ...record, suite: { ...(record.suite as object), reference: null } })).toEqual([]);
    expect(summaryText({ ...record, speed: [] })).toBe('No speed has been measured yet.');
  });

  it('has a row of CSV for each of them', async () => {
    const lines = (await csv.render(reportData(await speedOnly()))).trim().split('\n');
    const columns = lines[0]!.split(',');
    const row = lines.map((line) => line.split(',')).find((cells) => cells.includes('seconds_per_schedule'))!;
    const at = (name: string): string => row[columns.indexOf(name)]!;
    expect([at('kind'), at('task'), at('unit'), at('n'), at('extrapolated_from_steps')]).toEqual(['throughput', 'vit_tiny', 's', '3', '6']);
    expect(at('protocol_hash')).toMatch(/^[0-9a-f]{12}$/);
    expect(Number(at('value'))).toBeCloseTo(10_000, 6);
    expect(Number(at('ratio'))).toBeCloseTo(0.5, 10);
  });
});
