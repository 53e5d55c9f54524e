import { describe, expect, it } from 'vitest';
import type { Json } from '../../src/files.js';
import { reportData } from '../../src/report/format.js';
import { html } from '../../src/report/html.js';
import { markdown } from '../../src/report/markdown.js';
import { unseenCollapseSentences } from '../../src/report/sentences.js';
import { cellsOf } from '../../src/results/cells.js';
import { collapsedEntries, unseenByKnn } from '../../src/results/collapsed.js';
import type { RunRecord } from '../../src/results/types.js';
import type { ResolvedEntry, ResolvedSuite } from '../../src/suite/resolved.js';
import { fixture } from '../report/fixture.js';

const own = { k: 10, temperature: 0.07, pool: 'cls' };

/**
 * k-NN of the entries as given, on every task and seed; `mae` is told of by k-NN. Entries may be changed.
 */
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
      return result.kind === 'transfer' && accuracy !== undefined ? { ...result, metrics: result.metrics.map((metric) => ({ ...metric, value: accuracy })) } : result;
    }),
  };
}
const withOwn = (...names: readonly string[]) => (entry: ResolvedEntry): ResolvedEntry => (names.includes(entry.name) ? { ...entry, protocols: { ...entry.protocols, knn: own } } : entry);

describe('k-NN tells that a pre-training has collapsed', () => {
  it('where it is not above that of the encoder before training', async () => {
    expect([...await watched({ scratch: 0.2, mae: 0.2 })]).toEqual([['mae', "k-NN with its encoder is not above k-NN with scratch's"]]);
    expect([...await watched({ scratch: 0.2, mae: 0.21 })]).toEqual([]);
  });

  it('by equal options of k-NN, where a scratch entry has them', async () => {
    const change = (entry: ResolvedEntry): ResolvedEntry => withOwn('mae', 'mae-random')(entry.name === 'mae-random' ? { ...entry, method: 'scratch', pretrain: null } : entry);
    expect([...await watched({ scratch: 0.1, 'mae-random': 0.3, mae: 0.2 }, change)]).toEqual([['mae', "k-NN with its encoder is not above k-NN with mae-random's"]]);
    expect([...await watched({ scratch: 0.3, 'mae-random': 0.1, mae: 0.2 }, change)]).toEqual([]);
  });

  it('else by each one\'s own, which the reason says', async () => {
    expect([...await watched({ scratch: 0.2, mae: 0.1 }, withOwn('mae'))]).toEqual([['mae', "k-NN with its encoder is not above k-NN with scratch's, each with its own options of k-NN"]]);
    expect([...await watched({ scratch: 0.2, mae: 0.3 }, withOwn('mae'))]).toEqual([]);
  });

  it('nothing without a scratch entry or without k-NN, which the report says', async () => {
    const without = (entry: ResolvedEntry): ResolvedEntry => (entry.method === 'scratch' ? { ...entry, method: 'checkpoint' } : entry);
    expect([...await watched({ mae: 0 }, without)]).toEqual([]);
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
