import type { Summary } from '../../results/intervals.js';
import { subsetRoles, type Against, type SubsetRole } from '../../results/negative-transfer.js';
import { plural, summaryPoints } from '../numbers.js';
import { taskLabels } from '../task-names.js';
import { look, type Look } from './palette.js';
import { drawRows, marksNote, percentDot, type Dot, type Row } from './rows.js';
import type { Chart } from './svg.js';

const headings = { A: 'Inanimate tasks (A)', B: 'Organism tasks (B)', mixed: 'Mixed tasks (not in a mean)' } as const;

/** Differences of the subset entries to a full entry, in percentage points, task by task, grouped by the task's side. Null where what collapsed in pre-training leaves none. */
export function differenceChart(id: string, title: string, against: Against, looks: ReadonlyMap<string, Look>): Chart | null {
  const present = subsetRoles.flatMap((role) => {
    const entry = against.sides[0]?.differences.find((difference) => difference.role === role)?.entry;
    return entry === undefined || against.collapsed.includes(entry) ? [] : [{ role, name: entry, look: looks.get(entry) ?? look(0) }];
  });
  if (present.length === 0 || against.collapsed.includes(against.entry)) return null;
  const pick = (differences: readonly { readonly role: SubsetRole; readonly difference: Summary }[]): readonly (Dot | null)[] =>
    present.map(({ role }) => percentDot(differences.find((one) => one.role === role)?.difference ?? { kind: 'none', n: 0 }));

  const labels = taskLabels(against.tasks.map(({ task }) => task));
  const rows = (['A', 'B', 'mixed'] as const).flatMap((side): readonly Row[] => {
    const tasks = against.tasks.filter((task) => task.side === side);
    if (tasks.length === 0) return [];
    const summary = against.sides.find((one) => one.side === side);
    return [
      { name: headings[side], strong: false, heading: true, dots: [] },
      ...(summary === undefined ? [] : [{ name: `mean of ${plural(summary.tasks, 'task')}`, strong: true, heading: false, dots: pick(summary.differences) }]),
      ...tasks.map((task) => ({ name: labels.get(task.task)!, strong: false, heading: false, dots: pick(task.differences) })),
    ];
  });
  const chart = { rows, series: present, axis: `points from ${against.entry}`, line: 0 };
  return {
    id,
    title,
    note: `Paired over seeds and test images; right of 0 the subset is better. ${marksNote(against.seeds, 'seeds and test images')}`,
    alt: `Dot plot of the differences in percentage points to ${against.entry} on ${plural(against.tasks.length, 'task')}, for ${present.map(({ name }) => name).join(', ')}, grouped by the task's side. The table below holds the same numbers.`,
    wide: drawRows(chart, 'wide'),
    narrow: drawRows(chart, 'narrow'),
    legend: present.map(({ name, look: own }) => ({ name, color: own.color, symbol: own.symbol, dash: '' })),
    table: {
      columns: ['side', 'task', ...present.map(({ name }) => `${name}, points`)],
      rows: [
        ...against.sides.filter(({ tasks }) => tasks > 0).map(({ side, tasks, differences }) => [
          side, `mean of ${plural(tasks, 'task')}`, ...present.map(({ role }) => summaryPoints(differences.find((one) => one.role === role)!.difference)),
        ]),
        ...against.tasks.map(({ side, task, differences }) => [
          side, labels.get(task)!, ...present.map(({ role }) => summaryPoints(differences.find((one) => one.role === role)!.difference)),
        ]),
      ],
    },
  };
}
