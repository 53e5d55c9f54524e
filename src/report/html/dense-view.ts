import { protocolTitle } from '../../results/comparison.js';
import { mean } from '../../results/intervals.js';
import type { DetectionTransfer, PrecisionCurves } from '../../results/types.js';
import type { Look } from '../charts/palette.js';
import { precisionChart } from '../charts/precision.js';
import type { Chart } from '../charts/svg.js';
import type { ReportData } from '../format.js';
import { confusionView, type ConfusionView } from './confusion-view.js';
import { denseGroups, flaggedName, ofKind, openOf, type DenseGroup } from './dense-group.js';
import { absentSentences, classTable, furtherTable, overSeeds, unmaskedSentences, type EntriesTable } from './dense-tables.js';
import { classLegend, predictionsViews, type PredictionsView } from './predictions-view.js';

/** `label`: of the region that it scrolls in, unique in the page. */
type LabelledTable = EntriesTable & { readonly label: string };

/** One task of segmentation or detection by one protocol. */
export interface DensePanel {
  readonly id: string;
  readonly protocol: string;
  readonly hash: string;
  readonly task: string;
  readonly detects: boolean;
  readonly pictures: readonly PredictionsView[];
  readonly legend: readonly { readonly name: string; readonly colour: string }[];
  readonly tables: readonly LabelledTable[];
  readonly absent: readonly string[];
  readonly charts: readonly Chart[];
  readonly confusions: readonly ConfusionView[];
  readonly further: LabelledTable | null;
}

/** Empty where no such task has a finished cell. */
export const densePanels = (data: ReportData, looks: ReadonlyMap<string, Look>): readonly DensePanel[] =>
  data.suite.protocols.flatMap((protocol) => data.suite.tasks.flatMap((task, index): readonly DensePanel[] => {
    const groups = denseGroups(data, protocol.name, task.name);
    if (groups.length === 0) return [];
    const id = `dense-${protocol.name}-${index}`;
    const found = ofKind(groups, 'detection');
    const segmented = ofKind(groups, 'segmentation');
    const title = protocolTitle(protocol, data.suite);
    const name = `${task.name} by ${title}`;
    const labelled = (table: EntriesTable): LabelledTable => ({ ...table, label: `${table.caption}, ${name}` });
    const further = furtherTable(groups, data);
    return [{
      id,
      protocol: title,
      hash: protocol.hash,
      task: task.name,
      detects: found.length > 0,
      pictures: predictionsViews(data, groups, { id, name }),
      legend: classLegend(data, groups),
      tables: [
        classTable(segmented, data, 'IoU', ({ perClass }) => perClass),
        classTable(found, data, 'AP of boxes', ({ perClass }) => perClass.box),
        classTable(found, data, 'AP of masks', ({ perClass }) => perClass.mask),
      ].flatMap((table) => (table === null ? [] : [labelled(table)])),
      absent: [...absentSentences(segmented, ({ perClass }) => perClass), ...absentSentences(found, ({ perClass }) => perClass.box), ...unmaskedSentences(found)],
      charts: [
        ...precisionCharts(`${id}-precision-box`, 'boxes', found, data, looks, ({ precision }) => precision.box),
        ...precisionCharts(`${id}-precision-mask`, 'masks', found, data, looks, ({ precision }) => precision.mask),
      ],
      confusions: groups.filter(({ results }) => results.some(({ confusion }) => confusion !== undefined)).map((group) => confusionView(group, group === openOf(groups, data))),
      further: further === null ? null : labelled(further),
    }];
  }));

/** Means over the seeds that have a curve, point by point. None where no entry has one. */
function precisionCharts(
  id: string, what: string, groups: readonly DenseGroup<DetectionTransfer>[], data: ReportData, looks: ReadonlyMap<string, Look>, pick: (result: DetectionTransfer) => PrecisionCurves | null,
): readonly Chart[] {
  const lines = groups.flatMap((group) => {
    const curves = group.results.flatMap((result) => pick(result) ?? []).filter(({ at50 }) => at50.length > 0);
    const [first] = curves;
    if (first === undefined) return [];
    const overCurves = (at: keyof PrecisionCurves): readonly number[] => first[at].map((_, point) => mean(curves.map((curve) => curve[at][point] ?? NaN)));
    return [{ entry: flaggedName(group), look: looks.get(group.entry.name)!, at50: overCurves('at50'), at75: overCurves('at75') }];
  });
  const all = overSeeds(data);
  return lines.length === 0 ? [] : [precisionChart({ id, title: `Precision and recall of ${what}`, note: `Mean over classes, ${all}.`, lines })];
}
