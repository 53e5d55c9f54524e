import { isAbsolute } from 'node:path';
import { stringify } from 'yaml';
import type { JsonObject } from '../../files.js';
import { doneCells, type Cell } from '../../results/cells.js';
import { measureValue, protocolTitle, type Measure } from '../../results/comparison.js';
import { mixOf } from '../../results/mixed.js';
import type { TransferBody } from '../../results/types.js';
import { choiceText, shownOptions } from '../choice-text.js';
import type { ReportData } from '../format.js';
import { measureName } from '../measure-text.js';
import { mixedFlag } from '../mixed-text.js';
import { duration, percent } from '../numbers.js';
import { ownOptions, type Fact } from '../option-facts.js';

/** Where a table's cells come from, seed by seed, by protocol. Strings are ready to print. */
interface CellsView {
  readonly name: string;
  readonly hash: string;
  readonly cells: readonly CellDetails[];
  /** What the jobs were asked for, without their task and seed; each once. */
  readonly configs: readonly { readonly anchor: string; readonly name: string; readonly text: string }[];
}

interface CellDetails { readonly anchor: string; readonly entry: string; readonly task: string; readonly seeds: readonly SeedDetails[] }

/** `logFile`: within the store; empty of a job that has not run. `logLink`: from the report to it; empty where it cannot be told. `config`: the one of `configs` with this name, at `configAnchor`; both empty before the job has finished. */
interface SeedDetails { readonly seed: string; readonly value: string; readonly chosen: string; readonly took: string; readonly logFile: string; readonly logLink: string; readonly config: string; readonly configAnchor: string }

/** Id of a cell's details: by the places of its task and entry in the suite's table. */
export const cellAnchor = (protocol: string, task: number, entry: number): string => `cell-${protocol}-${task + 1}-${entry + 1}`;

const configText = (config: JsonObject): string => stringify(Object.fromEntries(Object.entries(config).filter(([name]) => name !== 'task' && name !== 'seed')));

export function cellsViews({ comparisons, store, suite }: ReportData): readonly CellsView[] {
  // Boxes and masks of a detector are of the same cells.
  const once = comparisons.filter(({ protocol }, at) => comparisons.findIndex((other) => other.protocol.name === protocol.name) === at);
  return once.map(({ protocol, tasks, rows }) => {
    const measures = comparisons.filter((other) => other.protocol.name === protocol.name).map(({ measure }) => measure);
    const all = rows.flatMap(({ groups }) => groups.flatMap(({ cells }) => cells));
    const mixIn = mixOf(all, protocol.hash);
    const texts = [...new Set(doneCells(all).map(({ result }) => configText(result.config)))];
    const own = new Map(ownOptions(rows.map(({ entry }) => entry), protocol).map(({ entry, options }) => [entry, options]));
    const anchorOf = (at: number): string => `config-${protocol.name}-${at + 1}`;
    return {
      name: protocolTitle(protocol, suite),
      hash: protocol.hash,
      configs: texts.map((text, at) => ({ anchor: anchorOf(at), name: String(at + 1), text })),
      cells: tasks.flatMap(({ task }, column) => rows.map(({ entry, groups }, row) => ({
        anchor: cellAnchor(protocol.name, column, row),
        entry: entry.name,
        task: task.name,
        seeds: groups[column]!.cells.map((cell) => {
          const at = cell.state === 'done' ? texts.indexOf(configText(cell.result.config)) : -1;
          const details = seedDetails(cell, measures, own.get(entry.name) ?? []);
          const { logFile } = details;
          const mixed = mixIn(cell);
          const logLink = store === null || logFile === '' || isAbsolute(logFile) ? '' : encodeURI(`${store}/${logFile}`).replaceAll('?', '%3F').replaceAll('#', '%23');
          return { ...details, value: mixed.length === 0 ? details.value : `${details.value} (${mixedFlag}: ${mixed.join(', ')})`, logLink, config: at === -1 ? '' : String(at + 1), configAnchor: at === -1 ? '' : anchorOf(at) };
        }),
      }))),
    };
  });
}

/** `29.7 %`; of a detector `box AP 8.0 %, mask AP 5.4 %`, of those that it has. */
function valueText(result: TransferBody, measures: readonly Measure[]): string {
  const values = measures.map((measure) => ({ measure, value: measureValue(result, measure) })).filter(({ value }) => !Number.isNaN(value));
  return values.map(({ measure, value }) => `${measures.length > 1 ? `${measureName(measure)} ` : ''}${percent(value)} %`).join(', ');
}

/** `own`: options of the entry's own. */
function seedDetails(cell: Cell, measures: readonly Measure[], own: readonly Fact[]): Omit<SeedDetails, 'config' | 'configAnchor' | 'logLink'> {
  const seed = String(cell.seed);
  switch (cell.state) {
    case 'done': return {
      seed, value: valueText(cell.result, measures), chosen: [choiceText(cell.result, ''), ...own.filter(({ name }) => !shownOptions(cell.result).includes(name)).map(({ name, value }) => `${name} ${value}`)].join(', '),
      took: `${duration(cell.result.wallSeconds)}${cell.result.resumed ? ', resumed' : ''}`, logFile: `logs/${cell.key}.log`,
    };
    case 'failed': return { seed, value: 'failed', chosen: '', took: '', logFile: cell.log };
    case 'skipped': return { seed, value: `needs ${cell.because.id}, which failed`, chosen: '', took: '', logFile: cell.because.log };
    case 'pending': return { seed, value: 'not run', chosen: '', took: '', logFile: '' };
  }
}
