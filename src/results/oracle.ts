import type { ResolvedSuite } from '../suite/resolved.js';
import { doneCells, plannedCells, primaryMetric, type DoneCell } from './cells.js';
import type { OracleValue, RunRecord } from './types.js';

/**
 * The best on test of the encoders that an entry could give a task (those with `oracle_of`), cell by cell where every one of them has finished. It reads
 * test data: no value of it is compared with, ranked or averaged beside one of the entries.
 */
export function oracleValues(record: RunRecord): readonly OracleValue[] {
  const suite = record.suite as unknown as ResolvedSuite;
  const owners = [...new Set(suite.entries.flatMap(({ oracle_of: owner }) => owner ?? []))];
  const cells = owners.length === 0 ? [] : doneCells(plannedCells(record));
  return owners.flatMap((entry) => {
    const candidates = suite.entries.filter(({ oracle_of: owner }) => owner === entry).map(({ name }) => name);
    return suite.tasks.flatMap((task) => suite.protocols.flatMap((protocol) => suite.seeds.flatMap((seed): readonly OracleValue[] => {
      const done = cells.filter((cell) => cell.task === task.name && cell.protocol === protocol.name && cell.seed === seed && candidates.includes(cell.entry));
      if (done.length < candidates.length) return [];
      const value = ({ result }: DoneCell): number => primaryMetric(result).value;
      const best = done.reduce((most, cell) => (value(cell) > value(most) ? cell : most));
      const { metric, unit } = primaryMetric(best.result);
      return [{ entry, task: task.name, protocol: protocol.name, seed, metric, unit, value: value(best), taken: best.entry, of: done.length, job: best.job, readsTestData: true }];
    })));
  });
}
