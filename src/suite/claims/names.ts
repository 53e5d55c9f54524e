import { suggestion } from '../problem.js';
import type { Path, Problem } from '../problem.js';
import type { ClaimExpression, ClaimPlace, OverlapTable, ResolvedSuite } from '../resolved.js';

const overlapTables: readonly OverlapTable[] = ['overlap', 'overlap-above-disc'];

type List = 'tables' | 'tasks' | 'models';
type Names = Readonly<Record<List, readonly string[]>>;

/** Names that a claim's lists may have. */
const namesOf = ({ protocols, tasks, speed }: ResolvedSuite): Names => ({
  tables: [...protocols.map(({ name }) => name), ...overlapTables, ...protocols.map(({ name }) => `${name}-masks`)],
  tasks: tasks.map(({ name }) => name),
  models: speed?.models.map(({ name }) => name) ?? [],
});

/** The lists of an expression, with their paths from the claim. */
function listsOf(expression: ClaimExpression): readonly { readonly path: Path; readonly list: List; readonly names: readonly string[] }[] {
  const at = (path: Path, holder: Partial<Names>) => (['tables', 'tasks', 'models'] as const).flatMap((list) => {
    const names = holder[list];
    return names === undefined ? [] : [{ path: [...path, list], list, names }];
  });
  if ('order' in expression) return [...at(['order', 'more_on'], expression.order.more_on), ...at(['order', 'than_on'], expression.order.than_on)];
  return Object.entries(expression).flatMap(([kind, holder]) => at([kind], holder as Partial<Names>));
}

const problem = (path: Path, message: string): Problem => ({ path, part: 'value', message });

/** Names in a claim of the suite itself that it does not have, with the nearest. */
export function wrongNames(expression: ClaimExpression, suite: ResolvedSuite): readonly Problem[] {
  const valid = namesOf(suite);
  const inLists = listsOf(expression).flatMap(({ path, list, names }) => names.flatMap((name, index) =>
    (valid[list].includes(name) ? [] : [problem([...path, index], `the suite has no ${list.slice(0, -1)} "${name}"${suggestion(name, valid[list])}`)])));
  const entries = entriesOf(suite);
  return [...missingEntries(expression, suite).map(({ path, name }) => problem(path, `no entry is called "${name}"${suggestion(name, entries)}`)), ...unmeasured(expression, suite), ...inLists];
}

/** What a claim of a file cannot do without and the suite does not have: its entries, what it measures, and one name of each list. Null: it has all. */
export function lackingOf(expression: ClaimExpression, suite: ResolvedSuite): string | null {
  const entries = [...new Set(missingEntries(expression, suite).map(({ name }) => name))];
  if (entries.length > 0) return `no entry is called ${entries.map((name) => `"${name}"`).join(' or ')}`;
  const valid = namesOf(suite);
  const none = listsOf(expression).filter(({ list, names }) => !names.some((name) => valid[list].includes(name)))
    .map(({ list, names }) => `the suite has none of the ${list} ${names.join(', ')}`);
  const reasons = [...unmeasured(expression, suite).map(({ message }) => message), ...none];
  return reasons[0] ?? null;
}

const entriesOf = ({ entries }: ResolvedSuite): readonly string[] => entries.filter((entry) => entry.oracle_of === undefined).map(({ name }) => name);

function missingEntries(expression: ClaimExpression, suite: ResolvedSuite): readonly { readonly path: Path; readonly name: string }[] {
  const entries = entriesOf(suite);
  return Object.entries(expression).flatMap(([kind, { entry, against }]: [string, { readonly entry: string; readonly against: string | readonly string[] }]) => [
    { path: [kind, 'entry'], name: entry },
    ...(typeof against === 'string' ? [{ path: [kind, 'against'], name: against }] : against.map((name, index) => ({ path: [kind, 'against', index], name }))),
  ]).filter(({ name }) => !entries.includes(name));
}

/** Costs that the suite does not measure. */
function unmeasured(expression: ClaimExpression, { entries, tasks, speed }: ResolvedSuite): readonly Problem[] {
  if (!('ratio' in expression)) return [];
  const { entry, against, quantity } = expression.ratio;
  const at = (key: string, message: string): Problem => problem(['ratio', key], message);
  const untrained = ([['entry', entry], ['against', against]] as const).flatMap(([key, name]) =>
    (entries.some((one) => one.name === name && one.pretrain === null) ? [at(key, `"${name}" does not pre-train, so it has no cost`)] : []));
  if (quantity === 'pretrain_flops') return [...untrained, ...(tasks.length === 0 ? [at('quantity', 'a suite without tasks pre-trains nothing whose cost could be counted')] : [])];
  return [...untrained, ...(speed === null ? [at('quantity', `${quantity} is of speed jobs, and the suite measures no speed (key speed)`)] : [])];
}

/** Tables of a claim that the suite does not have, each once. */
export function absentTables(expression: ClaimExpression, suite: ResolvedSuite): readonly string[] {
  const valid = namesOf(suite).tables;
  return [...new Set(listsOf(expression).flatMap(({ list, names }) => (list === 'tables' ? names.filter((name) => !valid.includes(name)) : [])))];
}

/** The expression with the names of its lists that the suite has. */
export function withinSuite(expression: ClaimExpression, suite: ResolvedSuite): ClaimExpression {
  const valid = namesOf(suite);
  const kept = <P extends Partial<Names>>(holder: P): P => ({ ...holder, ...Object.fromEntries((['tables', 'tasks', 'models'] as const).flatMap((list) =>
    (holder[list] === undefined ? [] : [[list, holder[list].filter((name) => valid[list].includes(name))]]))) });
  if ('difference' in expression) return { difference: kept(expression.difference) };
  if ('best_on' in expression) return { best_on: kept(expression.best_on) };
  if ('ratio' in expression) return { ratio: kept(expression.ratio) };
  if ('order' in expression) return { order: { ...expression.order, more_on: kept<ClaimPlace>(expression.order.more_on), than_on: kept<ClaimPlace>(expression.order.than_on) } };
  return expression;
}
