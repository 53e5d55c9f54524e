import { shortHash } from '../files.js';
import type { Json, JsonObject } from '../files.js';
import { coreProperties } from './core.js';
import type { SuiteDocument } from './core.js';
import { controlEntries, lengthOf, oracleEntries } from './controls.js';
import { frozen, optionsOf } from './cross-check.js';
import type { SuiteMembers } from './members.js';
import { deepFreeze, merge } from './merge.js';
import type { ResolvedData, ResolvedEntry, ResolvedModel, ResolvedPretrain, ResolvedProtocol, ResolvedSnapshots, ResolvedSpeed, ResolvedSuite, ResolvedTask } from './resolved.js';
import { withDefaults } from './validate.js';

export interface ResolveOptions {
  /** Number of seeds instead of the suite's own. The suite's come first, so that a larger number only adds some. */
  readonly seeds?: number | undefined;
  /** Seeds behind all of these, where they are not there yet: to find what other runs of the suite have made. */
  readonly alsoSeeds?: readonly number[];
}

/** A checked document to what the plan is made from: every default filled in, shared blocks merged, frozen. Pure. */
export function resolveSuite(document: SuiteDocument, members: SuiteMembers, options: ResolveOptions = {}): ResolvedSuite {
  const data = resolveData(document, members);
  const precision = document.engine?.precision ?? coreProperties.engine.properties.precision.default;
  const entries = document.entries.map((entry) => resolveEntry(entry as EntryDocument, document, data, members));
  const protocols = Object.entries(document.protocols ?? {}).map(([name, own]) => resolveProtocol(name, own as JsonObject, precision, members));
  return deepFreeze({
    name: document.name,
    title: document.title ?? document.name,
    description: document.description ?? '',
    seeds: resolveSeeds(document.seeds ?? coreProperties.seeds.default, options),
    engine: {
      threads: document.engine?.threads ?? coreProperties.engine.properties.threads.default,
      device: document.engine?.device ?? coreProperties.engine.properties.device.default,
      precision,
    },
    model: resolveModel(document.model, members),
    data,
    entries: [...entries, ...controlEntries(document, entries, members), ...oracleEntries(document, entries, members)],
    tasks: (document.tasks ?? []).map(resolveTask),
    protocols,
    reference: document.reference ?? null,
    speed: document.speed === undefined ? null : resolveSpeed(document.speed, document.model, members),
    ...(document.snapshots === undefined ? {} : { snapshots: resolveSnapshots(document.snapshots, protocols, members) }),
    attention: document.attention ?? coreProperties.attention.default,
    ...(document.gate === undefined ? {} : { gate: document.gate }),
  });
}

type EntryDocument = SuiteDocument['entries'][number] & JsonObject;

function resolveSeeds(written: number | readonly number[], { seeds: wanted, alsoSeeds = [] }: ResolveOptions): readonly number[] {
  const seeds = typeof written === 'number' ? Array.from({ length: written }, (_, seed) => seed) : [...written];
  const number = wanted ?? seeds.length;
  for (let seed = 0; seeds.length < number; seed++) if (!seeds.includes(seed)) seeds.push(seed);
  return [...new Set([...seeds.slice(0, number), ...alsoSeeds])];
}

function resolveModel(model: SuiteDocument['model'], members: SuiteMembers): ResolvedModel {
  const defaults = coreProperties.model.properties;
  const size = Object.hasOwn(members.models, model.name) ? members.models[model.name] : undefined;
  return {
    name: model.name,
    image_size: model.image_size ?? defaults.image_size.default,
    patch_size: model.patch_size ?? defaults.patch_size.default,
    width: size?.width ?? model.width!,
    depth: size?.depth ?? model.depth!,
    heads: size?.heads ?? model.heads!,
    mlp_ratio: size?.mlp_ratio ?? model.mlp_ratio ?? defaults.mlp_ratio.default,
  };
}

function resolveSpeed(speed: NonNullable<SuiteDocument['speed']>, model: SuiteDocument['model'], members: SuiteMembers): ResolvedSpeed {
  const { models, batch_size } = speed;
  const defaults = coreProperties.speed.properties;
  const standard = (name: string): ResolvedModel => resolveModel({ name, ...(model.image_size === undefined ? {} : { image_size: model.image_size }), ...(model.patch_size === undefined ? {} : { patch_size: model.patch_size }) }, members);
  return {
    models: models === undefined ? [resolveModel(model, members)] : models.map(standard),
    batch_size,
    rounds: speed.rounds ?? defaults.rounds.default,
    seconds: speed.seconds ?? defaults.seconds.default,
    loaders: speed.loaders ?? defaults.loaders.default,
  };
}

function resolveSnapshots({ at, protocols: named }: NonNullable<SuiteDocument['snapshots']>, protocols: readonly ResolvedProtocol[], members: SuiteMembers): ResolvedSnapshots {
  const judges = named ?? frozen(protocols.map(({ name }) => name), members);
  return { at: at.toSorted((a, b) => a - b), protocols: protocols.flatMap(({ name }) => (judges.includes(name) ? [name] : [])) };
}

function resolveData(document: SuiteDocument, members: SuiteMembers): readonly ResolvedData[] {
  return Object.entries(document.data).map(([name, { source, ...options }]) => {
    const { schema } = members.sources[source]!;
    return { name, source, options: withDefaults(schema, options as JsonObject) };
  });
}

function resolveEntry(entry: EntryDocument, document: SuiteDocument, data: readonly ResolvedData[], members: SuiteMembers): ResolvedEntry {
  const { schema, kind } = members.methods[entry.method]!;
  const shared = (document.methods?.[entry.method] ?? {}) as JsonObject;
  const protocols = Object.entries(entry.protocols ?? {}).map(([name, over]) => {
    const under = (document.protocols?.[name] ?? {}) as JsonObject;
    return [name, withDefaults(members.protocols[name]!.schema, merge(under, over as JsonObject))] as const;
  });
  return {
    name: entry.name,
    title: entry.title ?? entry.name,
    method: entry.method,
    pretrain: kind === 'train' ? resolvePretrain(entry, document, data) : null,
    start: entry.start ?? null,
    options: withDefaults(schema, merge(shared, optionsOf(entry))),
    protocols: Object.fromEntries(protocols),
  };
}

function resolvePretrain(entry: EntryDocument, document: SuiteDocument, data: readonly ResolvedData[]): ResolvedPretrain {
  const { data: from, subset, batch_size, schedule } = { ...document.pretrain, ...entry };
  const place = { data: from ?? data[0]!.name, subset: subset ?? 'full', batch_size: batch_size! };
  const flopsOf = entry.schedule?.flops_of;
  if (flopsOf !== undefined) return { ...place, schedule: lengthOf(flopsOf, null) };
  const { epochs, of } = merge(document.pretrain?.schedule ?? {}, schedule ?? {}) as { readonly epochs: number; readonly of?: 'full' | 'split-a' | 'split-b' | 'random' };
  return { ...place, schedule: { epochs, of: of ?? null } };
}

function resolveTask(name: string): ResolvedTask {
  const slash = name.indexOf('/');
  return { name, data: name.slice(0, slash), task: name.slice(slash + 1) };
}

function resolveProtocol(name: string, own: JsonObject, precision: ResolvedSuite['engine']['precision'], members: SuiteMembers): ResolvedProtocol {
  const options = withDefaults(members.protocols[name]!.schema, own);
  const hashed = { name, options, ...(precision === 'f32' ? {} : { precision }) } satisfies Readonly<Record<string, Json>>;
  return { name, options, hash: shortHash(hashed) };
}
