import { hasAverage } from '../../results/comparison.js';
import type { RunDifference } from '../../results/run-difference/index.js';
import { againstCell, againstMeans, againstSentence, changeSide, identicalSentence, isIdentical, type AgainstCell } from '../against-text.js';
import { plural } from '../numbers.js';
import { taskLabels } from '../task-names.js';

interface ChangeView { readonly place: string; readonly here: string; readonly there: string }

/** What is not the same as in another run. Strings are ready to print. */
interface AgainstView {
  readonly name: string;
  readonly sentence: string;
  readonly means: string;
  /** Of tables that are not among `tables`. */
  readonly identical: string;
  readonly changes: readonly { readonly title: string; readonly rows: readonly ChangeView[] }[];
  readonly tables: readonly {
    readonly title: string;
    readonly columns: readonly string[];
    /** Empty with one task. */
    readonly averageOf: string;
    readonly rows: readonly { readonly entry: string; readonly cells: readonly (AgainstCell & { readonly average: boolean })[] }[];
  }[];
}

/** Null where the report is of one run. */
export function againstView(difference: RunDifference | null): AgainstView | null {
  if (difference === null) return null;
  const rowsOf = (changes: RunDifference['suite']): readonly ChangeView[] => changes.map(({ place, here, there }) => ({ place, here: changeSide(here), there: changeSide(there) }));
  return {
    name: difference.name,
    sentence: againstSentence(difference),
    means: againstMeans,
    identical: identicalSentence(difference),
    changes: [{ title: 'The suite', rows: rowsOf(difference.suite) }, { title: 'What made the results', rows: rowsOf(difference.origin) }].filter(({ rows }) => rows.length > 0),
    tables: difference.tables.filter((table) => !isIdentical(table)).map(({ title, tasks, entries, cells }) => {
      const labels = taskLabels(tasks);
      return {
        title,
        columns: tasks.map((task) => labels.get(task)!),
        averageOf: hasAverage({ tasks }) ? plural(tasks.length, 'task') : '',
        rows: entries.map((entry) => ({ entry, cells: cells.filter((cell) => cell.entry === entry).map((cell) => ({ ...againstCell(cell), average: cell.task === null })) })),
      };
    }),
  };
}
