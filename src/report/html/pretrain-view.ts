import { comparedJobs, pretrainings, suiteOf } from '../../results/cells.js';
import { mean } from '../../results/intervals.js';
import type { PretrainBody, Result, RunRecord } from '../../results/types.js';
import { curvesChart, type Curve } from '../charts/curves.js';
import { look as lookAt, type Look } from '../charts/palette.js';
import type { Chart } from '../charts/svg.js';
import { listed, plural } from '../numbers.js';

interface PreviewView {
  readonly entry: string;
  readonly seed: number;
  readonly source: string;
  readonly alt: string;
  /** Titles of the columns, joined. */
  readonly columns: string;
}

interface Trained {
  readonly entry: string;
  readonly seed: number;
  readonly method: string;
  readonly look: Look;
  readonly result: Result<PretrainBody>;
  /** Source images a step. */
  readonly batch: number;
}

/** Pre-trainings that have a curve. */
function trainings(record: RunRecord, looks: ReadonlyMap<string, Look>): readonly Trained[] {
  const suite = suiteOf(record);
  return pretrainings(record, comparedJobs(record)).flatMap(({ entry, seed, result }): readonly Trained[] => {
    const look = looks.get(entry);
    const batch = suite.entries.find(({ name }) => name === entry)?.pretrain?.batch_size;
    return look === undefined || batch === undefined || result.curve.length === 0 ? [] : [{ entry, seed, method: result.method, look, result, batch }];
  });
}

const distinct = <T>(values: readonly T[]): readonly T[] => [...new Set(values)];

export interface MethodCurves {
  readonly method: string;
  readonly loss: Chart;
  /** What the method records beside its loss. */
  readonly further: readonly Chart[];
  /** What they show, in words. */
  readonly shows: string;
}

/** One chart of losses a method, as those of different methods are different quantities. */
export function methodCurves(record: RunRecord, looks: ReadonlyMap<string, Look>): readonly MethodCurves[] {
  const all = trainings(record, looks);
  return distinct(all.map(({ method }) => method)).map((method) => {
    const own = all.filter((one) => one.method === method);
    const titles = distinct(own.flatMap(({ result }) => result.diagnostics.map(({ title }) => title)));
    return { method, loss: lossChart(method, own), further: titles.map((title) => diagnosticChart(method, title, own)), shows: listed(titles.map(inSentence)) };
  });
}

/** Without its capital, where that is not part of a name: "TopK accuracy". */
const inSentence = (title: string): string => (/^[A-Z][a-z]+( |$)/.test(title) ? title.charAt(0).toLowerCase() + title.slice(1) : title);

function lossChart(method: string, trained: readonly Trained[]): Chart {
  const entries = distinct(trained.map(({ entry }) => entry));
  return curvesChart({
    id: `loss-${method}`,
    title: `Pre-training loss, ${method}`,
    note: 'One line a seed.',
    alt: `Line chart of the pre-training loss of ${method} against images seen: ${plural(entries.length, 'entry', 'entries')}, one line a seed.`,
    quantity: 'loss',
    labels: 'seed',
    lines: trained.map(({ entry, seed, look, result, batch }) => ({
      entry, label: String(seed), look, points: result.curve.map(({ step, loss }) => ({ images: step * batch, value: loss })),
    })),
    legend: entries.map((entry) => {
      const { look } = trained.find((one) => one.entry === entry)!;
      return { name: entry, color: look.color, symbol: '', dash: look.dash };
    }),
  });
}

const quantities = { loss: 'loss', share: 'share', nats: 'nats' } as const;

/** Means over the seeds, one line for each entry and label. One entry's lines differ by colour, several entries' by colour and dashes. */
function diagnosticChart(method: string, title: string, all: readonly Trained[]): Chart {
  const trained = all.filter(({ result }) => result.diagnostics.some((one) => one.title === title));
  const entries = distinct(trained.map(({ entry }) => entry));
  const shown = distinct(trained.flatMap(({ result }) => result.diagnostics.filter((one) => one.title === title).map(({ label }) => label)));
  const unit = trained.flatMap(({ result }) => result.diagnostics).find((one) => one.title === title)!.unit;
  const lines = entries.flatMap((entry): readonly Curve[] => shown.flatMap((label, index) => {
    const seeds = trained.filter((one) => one.entry === entry);
    const name = seeds[0]!.result.diagnostics.find((one) => one.title === title && one.label === label)?.name;
    if (name === undefined) return [];
    const { color } = seeds[0]!.look;
    const { dash, dashes, color: own } = lookAt(index);
    return [{ entry, label, look: { color: entries.length === 1 ? own : color, dash, dashes }, points: meanOverSeeds(seeds, name) }];
  }));
  return curvesChart({
    id: `diagnostic-${method}-${title.toLowerCase().replace(/[^a-z0-9]+/g, '-')}`,
    title: `${title}, ${method}`,
    note: ['Means over the seeds.', ...distinct(trained.flatMap(({ result }) => result.diagnostics.flatMap((one) => (one.title === title && one.note !== undefined ? [one.note] : []))))].join(' '),
    alt: `Line chart, ${title} of ${method} against images seen: ${plural(lines.length, 'line')}, means over the seeds.`,
    quantity: quantities[unit],
    labels: 'of',
    lines,
    legend: lines.map(({ entry, label, look }) => ({ name: entries.length === 1 ? label : `${entry}, ${label}`, color: look.color, symbol: '', dash: look.dash })),
  });
}

/** Seeds of an entry have windows of equal length; a subset that varies with the seed may have one point more. */
function meanOverSeeds(seeds: readonly Trained[], name: string): Curve['points'] {
  const points = Math.min(...seeds.map(({ result }) => result.curve.length));
  return Array.from({ length: points }, (_, index) => ({
    images: seeds[0]!.result.curve[index]!.step * seeds[0]!.batch,
    value: mean(seeds.map(({ result }) => result.curve[index]!.diagnostics?.[name] ?? NaN)),
  }));
}

export function previews(record: RunRecord): readonly PreviewView[] {
  const shown = new Set<string>();
  return pretrainings(record, comparedJobs(record)).flatMap(({ entry, seed, result }): readonly PreviewView[] => {
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
