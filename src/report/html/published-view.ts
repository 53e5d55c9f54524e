import { besidePublished, type PublishedDifference, type PublishedFile, type PublishedRow } from '../../results/published/index.js';
import type { ReportData } from '../format.js';
import { metricName, points, summaryPercent, summaryPoints } from '../numbers.js';

interface PublishedView {
  readonly rows: readonly { readonly entry: string; readonly place: string; readonly measured: string; readonly published: string; readonly of: string; readonly source: string; readonly differences: readonly string[] }[];
}

/** Null where nothing is published of what the run compares. */
export function publishedView({ record, suite, comparisons }: ReportData, files: readonly PublishedFile[]): PublishedView | null {
  const rows = besidePublished(suite, comparisons, files, record.restatements);
  return rows.length === 0 ? null : { rows: rows.map((row) => ({ entry: row.against === null ? row.entry : `${row.entry} less ${row.against}`, place: `${row.task ?? 'average'}, ${row.table}`, ...numbersOf(row), source: sourceText(row), differences: row.differences.map(differenceText) })) };
}

function numbersOf({ measured, published }: PublishedRow): { readonly measured: string; readonly published: string; readonly of: string } {
  const of = [published.model, published.task?.dataset, metricName(published.metric)].filter((part) => part != null).join(', ');
  return published.quantity === 'difference'
    ? { measured: `${summaryPoints(measured)} points`, published: `${points(published.value / 100, 2)} points`, of }
    : { measured: `${summaryPercent(measured)} %`, published: `${published.value} ${published.unit}`, of };
}

const sourceText = ({ source, published }: PublishedRow): string =>
  [`${source.authors === null ? '' : `${source.authors}: `}${source.title}`, source.address, ...(published.where === null ? [] : [published.where]), ...(source.secondary ? ['secondary source'] : [])].join('; ');

const differenceText = ({ of, here, there }: PublishedDifference): string => `${of}: ${here ?? 'none'} here, ${there ?? 'not told'} there`;
