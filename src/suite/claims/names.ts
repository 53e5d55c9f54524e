import { suggestion } from '../problem.js';
import type { Path } from '../problem.js';
import type { ClaimExpression, ClaimPair, ClaimPlace, ClaimQuantity, ResolvedSuite } from '../resolved.js';

/** What a claim needs and the suite does not have. `path` is from the claim. `hint`: to one who writes a name. `listed`: it is one of a list of places, which can do without. */
export interface Absence { readonly path: Path; readonly message: string; readonly hint: string; readonly listed: boolean }

/** The table of attention and objects, which belongs to no protocol. */
export const overlapTable = 'overlap';

const tablesOf = ({ protocols }: ResolvedSuite): readonly string[] => [...protocols.flatMap(({ name }) => [name, `${name}-masks`]), overlapTable];

/** The key that names an expression's kind. */
const kindOf = (expression: ClaimExpression): string => Object.keys(expression)[0]!;

/** What the suite lacks of what a claim names. */
export function absences(expression: ClaimExpression, suite: ResolvedSuite): readonly Absence[] {
  const kind = kindOf(expression);
  const entries = suite.entries.filter((entry) => entry.oracle_of === undefined).map(({ name }) => name);
  const noEntry = (name: string, path: Path): readonly Absence[] =>
    (entries.includes(name) ? [] : [{ path, listed: false, message: `no entry is called "${name}"`, hint: suggestion(name, entries) }]);
  const { entry, against } = Object.values(expression)[0] as { readonly entry: string; readonly against: string | readonly string[] };
  const others = typeof against === 'string' ? noEntry(against, [kind, 'against']) : against.flatMap((name, index) => noEntry(name, [kind, 'against', index]));
  return [...noEntry(entry, [kind, 'entry']), ...others, ...placesOf(expression).flatMap(({ path, place }) => absentPlaces(place, path, suite)), ...('ratio' in expression ? absentCosts(expression.ratio, suite) : [])];
}

function absentPlaces({ tables, tasks = [] }: ClaimPlace, path: Path, suite: ResolvedSuite): readonly Absence[] {
  const valid = { tables: tablesOf(suite), tasks: suite.tasks.map(({ name }) => name) };
  const shown = { tables: [...suite.protocols.map(({ name }) => name), overlapTable], tasks: valid.tasks };
  const missing = (list: 'tables' | 'tasks', what: string, names: readonly string[]): readonly Absence[] => names.flatMap((name, index) =>
    (valid[list].includes(name) ? [] : [{ path: [...path, list, index], listed: true, message: `the suite has no ${what} "${name}"`, hint: suggestion(name, shown[list]) }]));
  return [...missing('tables', 'table', tables), ...missing('tasks', 'task', tasks)];
}

/** Costs that the suite does not measure. */
function absentCosts({ entry, against, quantity }: ClaimPair & { readonly quantity: ClaimQuantity }, { entries, tasks, speed }: ResolvedSuite): readonly Absence[] {
  const absent = (key: string, message: string): Absence => ({ path: ['ratio', key], listed: false, message, hint: '' });
  const untrained = ([['entry', entry], ['against', against]] as const).flatMap(([key, name]) =>
    (entries.some((one) => one.name === name && one.pretrain === null) ? [absent(key, `"${name}" does not pre-train, so it has no cost`)] : []));
  if (quantity === 'pretrain_flops') return [...untrained, ...(tasks.length === 0 ? [absent('quantity', 'a suite without tasks pre-trains nothing whose cost could be counted')] : [])];
  return [...untrained, ...(speed === null ? [absent('quantity', `${quantity} is of speed jobs, and the suite measures no speed (key speed)`)] : [])];
}

/** The places of an expression, with their paths from the claim. */
export function placesOf(expression: ClaimExpression): readonly { readonly path: Path; readonly place: ClaimPlace }[] {
  if ('difference' in expression) return [{ path: ['difference'], place: expression.difference }];
  if ('best_on' in expression) return [{ path: ['best_on'], place: expression.best_on }];
  if ('order' in expression) return (['more_on', 'than_on'] as const).map((key) => ({ path: ['order', key], place: expression.order[key] }));
  return [];
}

/** The expression with the tables and tasks that the suite has. */
export function withinSuite(expression: ClaimExpression, suite: ResolvedSuite): ClaimExpression {
  const [tables, tasks] = [tablesOf(suite), suite.tasks.map(({ name }) => name)];
  const kept = <P extends ClaimPlace>(place: P): P => ({
    ...place, tables: place.tables.filter((name) => tables.includes(name)), ...(place.tasks === undefined ? {} : { tasks: place.tasks.filter((name) => tasks.includes(name)) }),
  });
  if ('difference' in expression) return { difference: kept(expression.difference) };
  if ('best_on' in expression) return { best_on: kept(expression.best_on) };
  if ('order' in expression) return { order: { ...expression.order, more_on: kept(expression.order.more_on), than_on: kept(expression.order.than_on) } };
  return expression;
}
