import { suiteOf, resultsByKey } from '../../results/cells.js';
import type { PretrainBody, Result, RunRecord } from '../../results/types.js';
import { lossChart, type LossLine } from '../charts/loss.js';
import type { Look } from '../charts/palette.js';
import type { Chart } from '../charts/svg.js';
import { listed, plural } from '../numbers.js';

export interface PreviewView {
  readonly entry: string;
  readonly seed: number;
  readonly source: string;
  readonly alt: string;
  /** Titles of the columns, joined. */
  readonly columns: string;
}

/** Finished pre-trainings by entry and seed. Two entries that share a job have one each. */
function pretrainings(record: RunRecord): readonly { readonly entry: string; readonly seed: number; readonly result: Result<PretrainBody> }[] {
  const results = resultsByKey(record);
  return record.jobs.flatMap((job) => {
    const result = results.get(job.key);
    const { entry, seed } = job.tags;
    return job.kind === 'pretrain' && result?.kind === 'pretrain' && entry !== undefined ? [{ entry, seed: Number(seed), result: result }] : [];
  });
}

/** One chart a method: losses of different methods are different quantities. */
export function lossCharts(record: RunRecord, looks: ReadonlyMap<string, Look>): readonly Chart[] {
  const suite = suiteOf(record);
  const lines = pretrainings(record).flatMap(({ entry, seed, result }): readonly (LossLine & { readonly method: string })[] => {
    const look = looks.get(entry);
    const batch = suite.entries.find(({ name }) => name === entry)?.pretrain?.batch_size;
    if (look === undefined || batch === undefined || result.curve.length === 0) return [];
    return [{ method: result.method, entry, seed, look, points: result.curve.map(({ step, loss }) => ({ images: step * batch, loss })) }];
  });
  return [...new Set(lines.map(({ method }) => method))].map((method) => lossChart(method, lines.filter((line) => line.method === method)));
}

export function previews(record: RunRecord): readonly PreviewView[] {
  const shown = new Set<string>();
  return pretrainings(record).flatMap(({ entry, seed, result }): readonly PreviewView[] => {
    const png = record.previews?.[result.key];
    if (png === undefined || result.preview === null || shown.has(entry)) return [];
    shown.add(entry);
    return [{
      entry,
      seed,
      source: `data:image/png;base64,${png}`,
      columns: listed(result.preview.columns),
      alt: `${plural(result.preview.rows, 'image')} of ${entry}, each in ${plural(result.preview.columns.length, 'column')}: ${listed(result.preview.columns)}.`,
    }];
  });
}
