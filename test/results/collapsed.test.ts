import { describe, expect, it } from 'vitest';
import type { Json } from '../../src/files.js';
import { reportData } from '../../src/report/format.js';
import { html } from '../../src/report/html.js';
import { markdown } from '../../src/report/markdown.js';
import { unseenCollapseSentences } from '../../src/report/sentences.js';
import { cellsOf } from '../../src/results/cells.js';
import { collapsedEntries, unseenByKnn } from '../../src/results/collapsed.js';
import type { Result, RunRecord } from '../../src/results/types.js';
import type { ResolvedEntry, ResolvedSuite } from '../../src/suite/resolved.js';
import { fixture } from '../report/fixture.js';

/** k-NN of the entries as given, on every task and seed; `mae` is told of by k-NN, which was 0.2 before its training. Entries may be changed. */
async function watched(accuracies: Readonly<Record<string, number>>, change?: (entry: ResolvedEntry) => ResolvedEntry): Promise<ReadonlyMap<string, string>> {
  const record = await told(accuracies, change);
  return collapsedEntries(record, cellsOf(record));
}
async function told(accuracies: Readonly<Record<string, number>>, change: (entry: ResolvedEntry) => ResolvedEntry = (entry) => entry): Promise<RunRecord> {
  const plain = await fixture({ seeds: 2, tasks: 2 });
  const suite = plain.suite as unknown as ResolvedSuite;
  return {
    ...plain,
    suite: { ...suite, entries: suite.entries.map(change) } as unknown as Json,
    results: plain.results.map((result) => {
      if (result.kind === 'pretrain') return result.id.startsWith('pretrain/mae/') ? { ...result, knnShowsCollapse: true } : result;
      const accuracy = result.kind === 'transfer' && result.protocol === 'knn' ? accuracies[result.id.split('/')[1]!] : undefined;
      return result.kind === 'transfer' && accuracy !== undefined ? { ...result, ...(result.id.startsWith('transfer/mae/') ? { untrained: 0.2 } : {}), metrics: result.metrics.map((metric) => ({ ...metric, value: accuracy })) } : result;
    }),
  };
}

function withoutUntrained(result: Extract<Result, { readonly taskKind: 'classification' }>): Result {
  const rest = { ...result };
  delete (rest as { untrained?: number }).untrained;
  return rest;
}

describe('k-NN tells that a pre-training has collapsed', () => {
  it('where it is not above that of the encoder before training', async () => {
    // Whatever a scratch entry reaches by its own options.
    expect([...await watched({ scratch: 0.1, mae: 0.2 })]).toEqual([['mae', 'k-NN with its encoder is not above k-NN with the same encoder before training']]);
    expect([...await watched({ scratch: 0.3, mae: 0.21 })]).toEqual([]);
  });

  it('and of no other entry', async () => {
    expect([...await watched({ 'mae-random': 0.01, mae: 0.3 })]).toEqual([]);
  });

  it('nothing without a scratch entry or without k-NN, which the report says', async () => {
    const without = (entry: ResolvedEntry): ResolvedEntry => (entry.method === 'scratch' ? { ...entry, method: 'checkpoint' } : entry);
    const untold = await told({ mae: 0 }, without);
    const record = { ...untold, results: untold.results.map((result) => (result.kind === 'transfer' && result.taskKind === 'classification' ? withoutUntrained(result) : result)) };
    expect([...collapsedEntries(record, cellsOf(record))]).toEqual([]);
    const whole = await told({});
    const suite = whole.suite as unknown as ResolvedSuite;
    const records = [await told({ mae: 0 }, without), { ...whole, suite: { ...suite, protocols: suite.protocols.filter(({ name }) => name !== 'knn') } as unknown as Json }];
    for (const record of records) {
      expect(unseenByKnn(record)).toEqual(['mae']);
      const said = 'Whether mae collapsed in pre-training was looked at in the training\'s own numbers alone: by k-NN it would show against a scratch entry, with `knn` among the protocols.';
      expect(unseenCollapseSentences(record)).toEqual([said]);
      const data = reportData(record);
      expect(await markdown.render(data)).toContain('by k-NN it would show against a scratch entry');
      expect(await html.render(data)).toContain('by k-NN it would show against a scratch entry');
    }
    expect(unseenByKnn(whole)).toEqual([]);
    expect(await html.render(reportData(whole))).not.toContain('by k-NN it would show');
  });
});
