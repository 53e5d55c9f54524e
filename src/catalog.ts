import { dataSources } from './data/sources/index.js';
import { CheckpointError, DataError, MaskbenchError } from './errors.js';
import { withLengths } from './jobs/lengths.js';
import { suiteNodes } from './jobs/nodes/index.js';
import type { Registries } from './jobs/nodes/registries.js';
import { methods } from './methods/index.js';
import type { EncoderSource } from './methods/method.js';
import { standardVits, vitConfig } from './models/config.js';
import { protocols } from './protocols/index.js';
import { makePlan } from './runner/plan.js';
import type { Plan } from './runner/job.js';
import { loadSuite } from './suite/load.js';
import type { MethodMember, SourceMember, SuiteMembers } from './suite/members.js';
import { pathText, type Path } from './suite/problem.js';
import type { ResolveOptions } from './suite/resolve.js';
import type { ResolvedSuite } from './suite/resolved.js';
import { parseYaml } from './suite/yaml.js';

/** The one place that joins the registries: a suite file is read with all of them, and its plan made from all of them. */
export async function registries(): Promise<Registries> {
  const sources = await Promise.all(Object.entries(dataSources).map(async ([name, load]) => [name, await load()] as const));
  return { sources: Object.fromEntries(sources), methods, protocols };
}

/** What suite files may say, given what is registered. */
export function suiteMembers({ sources, methods, protocols }: Registries): SuiteMembers {
  const members = Object.entries(sources).map(([name, source]): readonly [string, SourceMember] => [name, { schema: source.schema, tasks: (options) => source.tasks(options) }]);
  const models = Object.entries(standardVits).map(([name, size]) => [name, { ...size, mlp_ratio: 4 }] as const);
  const withProblems = Object.entries(methods).map(([name, method]): readonly [string, MethodMember] => [name, {
    schema: method.schema,
    description: method.description,
    kind: method.kind,
    ...(method.startsFrom === undefined ? {} : { startsFrom: method.startsFrom }),
    ...(method.searches === undefined ? {} : { everySearch: method.searches.every }),
    problems: ({ model, ...rest }) => method.check?.({ model: vitConfig(model), ...rest }) ?? [],
  }]);
  return { sources: Object.fromEntries(members), methods: Object.fromEntries(withProblems), protocols, models: Object.fromEntries(models) };
}

export interface PlannedSuite {
  readonly suite: ResolvedSuite;
  /** The suite file as it was written. */
  readonly text: string;
  readonly plan: Plan;
  /** What the encoders of entries with a file of their own are taken from, by entry. */
  readonly encoderSources: Readonly<Record<string, EncoderSource>>;
}

export interface PlanSuiteOptions extends ResolveOptions {
  /** Goes before the suite's: what speeds are measured on. */
  readonly device?: ResolvedSuite['engine']['device'] | undefined;
}

/**
 * A suite file to its plan. SuiteError for a wrong file, DataError for missing data, CheckpointError for a checkpoint that
 * does not fit the model; where several files are missing or do not fit, the error of the first names all.
 */
export async function planSuite(file: string, { device, ...options }: PlanSuiteOptions = {}): Promise<PlannedSuite> {
  const known = await registries();
  const { suite, text } = await loadSuite(file, suiteMembers(known), options);
  try {
    const nodes = await suiteNodes(suite, known, device);
    return { suite: withLengths(suite, nodes), text, plan: await makePlan(suite.name, nodes), encoderSources: await encoderSources(suite, known) };
  } catch (error) {
    throw error instanceof DataError || error instanceof CheckpointError ? await withOthers(error, { suite, text, file }, known) : error;
  }
}

/** Data sets and checkpoints that a suite uses, with the place that names each and a look into it. */
function namedFiles({ data, tasks, entries, model }: ResolvedSuite, { sources, methods }: Registries): readonly { readonly path: Path; look(): Promise<unknown> }[] {
  const used = new Set([...tasks.map((task) => task.data), ...entries.flatMap(({ pretrain }) => (pretrain === null ? [] : [pretrain.data]))]);
  return [
    ...data.filter(({ name }) => used.has(name)).map(({ name, source, options }) => ({ path: ['data', name, ...onlyOf(sources[source]?.locations)], look: async () => sources[source]?.index(options) })),
    ...entries.map(({ method, options }, index) => ({ path: ['entries', index, ...onlyOf(methods[method]?.locations)], look: async () => methods[method]?.encoderSource?.(options, vitConfig(model)) })),
  ];
}

const onlyOf = (locations: readonly string[] = []): readonly string[] => (locations.length === 1 ? locations : []);

/**
 * An error of a file that the suite names, with the place that names it, and those of all the others: a person should see
 * everything at once. They are looked into only now, as reading large data sets twice takes its time.
 */
async function withOthers(error: DataError | CheckpointError, { suite, text, file }: { readonly suite: ResolvedSuite; readonly text: string; readonly file: string }, known: Registries): Promise<MaskbenchError> {
  const looked = await Promise.all(namedFiles(suite, known).map(({ path, look }) => look().then(() => [], (other: unknown) => (other instanceof MaskbenchError ? [{ path, other }] : []))));
  const yaml = parseYaml(text, file);
  const found = looked.flat()
    .map(({ path, other }) => ({ path, other, at: yaml.locate(path, 'value') }))
    .sort((a, b) => a.at.line - b.at.line || a.at.column - b.at.column);
  // Of a later step, which is about more than one file.
  if (!found.some(({ other }) => other.describe() === error.describe())) return error;
  const lines = found.map(({ path, other, at }) => `${file}:${at.line}:${at.column}: ${pathText(path)}: ${other.where === undefined ? '' : `${other.where}: `}${other.message}`);
  const Kind = error instanceof DataError ? DataError : CheckpointError;
  return new Kind([...new Set(lines)].join('\n'), { fix: [...new Set(found.flatMap(({ other }) => other.fix ?? []))].join('\n  '), data: error.data, cause: error });
}

async function encoderSources({ entries, model }: ResolvedSuite, { methods }: Registries): Promise<Readonly<Record<string, EncoderSource>>> {
  const sources = await Promise.all(entries.map(async ({ name, method, options }) => [name, await methods[method]?.encoderSource?.(options, vitConfig(model))] as const));
  return Object.fromEntries(sources.flatMap(([name, source]) => (source === undefined ? [] : [[name, source] as const])));
}
