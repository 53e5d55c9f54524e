import { describe, expect, it } from 'vitest';
import { waitedShare } from '../../src/phases.js';
import { profileOf, totalSeconds } from '../../src/results/profile.js';
import { validateRunRecord } from '../../src/results/schema.js';
import type { Result, RunRecord } from '../../src/results/types.js';
import { formats } from '../../src/report/index.js';
import { reportData } from '../../src/report/format.js';
import { fixture } from '../report/fixture.js';

/** All results of a record with phases: the kinds' parts are told apart by their sizes. */
async function told(change: (result: Result, index: number) => Result): Promise<RunRecord> {
  const record = await fixture({ seeds: 2, tasks: 2 });
  return { ...record, results: record.results.map(change) };
}
const withPhases = (result: Result): Result => ({ ...result, phases: { wait: 1, step: result.kind === 'pretrain' ? 30 : 2, evaluate: 0.5, checkpoint: 0.25, other: 0.25 } });

const html = async (record: RunRecord): Promise<string> => formats.find(({ name }) => name === 'html')!.render(reportData(record));

it('the share waited is of the time that steps and evaluations take, with their waiting', () => {
  expect(waitedShare({ wait: 1, step: 6, evaluate: 1, checkpoint: 5, other: 7 })).toBe(0.125);
  expect(waitedShare({ wait: 0, step: 6, evaluate: 0, checkpoint: 0, other: 1 })).toBe(0);
  expect(waitedShare({ wait: 1, step: 0, evaluate: 0, checkpoint: 5, other: 7 })).toBeNull();
});

describe('where the time went', () => {
  it('is summed by kind of job, transfers by protocol', async () => {
    const record = await told(withPhases);
    const { kinds, untold, resumed } = profileOf(record);
    expect(kinds.map(({ kind }) => kind)).toEqual(['prepare', 'pretrain', 'fine-tune', 'linear', 'knn']);
    const pretrains = record.results.filter(({ kind }) => kind === 'pretrain').length;
    expect(kinds[1]).toEqual({ kind: 'pretrain', jobs: pretrains, seconds: { wait: pretrains, step: 30 * pretrains, evaluate: pretrains / 2, checkpoint: pretrains / 4, other: pretrains / 4 } });
    expect(totalSeconds(kinds[1]!.seconds)).toBe(32 * pretrains);
    expect(kinds.reduce((sum, { jobs }) => sum + jobs, 0)).toBe(record.results.length);
    expect([untold, resumed]).toEqual([0, 0]);
  });

  it('leaves out, and counts, what does not tell; and counts what went on from a checkpoint', async () => {
    const record = await told((result, index) => (index === 0 ? result : { ...withPhases(result), resumed: index === 1 }));
    const profile = profileOf(record);
    expect(profile.kinds.map(({ kind }) => kind)).not.toContain('prepare');
    expect([profile.untold, profile.resumed]).toEqual([1, 1]);
  });

  it('is in the report and in results.json where it was asked for, and only there', async () => {
    const record = await told(withPhases);
    const plain = await html(record);
    expect(plain).not.toContain('id="profile"');
    const profiled = { ...record, profile: profileOf(record) };
    expect(validateRunRecord(JSON.parse(JSON.stringify(profiled)))).toEqual(profiled);
    const page = await html(profiled);
    const section = /<section id="profile">[\s\S]*?<\/section>/.exec(page)![0];
    const row = /<th scope="row" data-value="pretrain">[\s\S]*?<\/tr>/.exec(section)![0];
    expect([...row.matchAll(/data-value="([\d.]+)"/g)].map(([, value]) => Number(value)).slice(1, 4)).toEqual([
      32 * profiled.profile.kinds[1]!.jobs, 30 * profiled.profile.kinds[1]!.jobs, 0.5 * profiled.profile.kinds[1]!.jobs,
    ]);
    expect(row).toContain(`(${(100 * 30 / 32).toFixed(1)} %)`);
    // Waiting 1 s beside 30 s of steps and 0.5 s of evaluation, in the table and beside both bars.
    expect(row).toContain(`>${(100 / 31.5).toFixed(1)} %</td>`);
    expect(section.split(`engine waited ${(100 / 31.5).toFixed(1)} %`)).toHaveLength(3);
    // A bar a kind and phase in each of the two drawings.
    expect([...section.matchAll(/fill="var\(--series-0\)"/g)].length).toBeGreaterThanOrEqual(2 * profiled.profile.kinds.length);
    expect(page.replace(section, '').replace(/<a href="#profile">.*?<\/a>/, '').replace(/\s+/g, ' ')).toBe(plain.replace(/\s+/g, ' '));
  });

  it('refuses phases that are not seconds', async () => {
    const record = await told((result) => ({ ...withPhases(result), phases: { wait: -1, step: 1, evaluate: 0, checkpoint: 0, other: 0 } }));
    expect(() => validateRunRecord(record)).toThrow('/phases/wait: must be >= 0');
  });
});
