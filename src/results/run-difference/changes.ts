import { canonicalJson, isObject, type Json } from '../../files.js';
import type { EngineFacts } from '../engine-schema.js';
import type { RunRecord } from '../types.js';
import type { Change } from './types.js';

const nameOf = (value: Json): string | null => {
  const name = isObject(value) ? value['name'] ?? value['id'] : undefined;
  return typeof name === 'string' ? name : null;
};

/** Every value with its place. Members of lists are placed by their names where all have one. */
function leaves(value: Json, place: string): readonly (readonly [string, string])[] {
  const under = (name: string): string => (place === '' ? name : `${place} ${name}`);
  if (Array.isArray(value)) {
    const members = value as readonly Json[];
    const names = members.map(nameOf);
    return members.length > 0 && names.every((name) => name !== null) ? members.flatMap((member, at) => leaves(member, under(names[at]!))) : [[place, canonicalJson(value)]];
  }
  if (isObject(value)) return Object.entries(value).flatMap(([name, inner]) => leaves(inner, under(name)));
  return [[place, typeof value === 'string' ? value : canonicalJson(value)]];
}

const changesOf = (here: ReadonlyMap<string, string>, there: ReadonlyMap<string, string>): readonly Change[] =>
  [...new Set([...here.keys(), ...there.keys()])].filter((place) => here.get(place) !== there.get(place))
    .map((place) => ({ place, here: here.get(place) ?? null, there: there.get(place) ?? null }));

/** In the order of the suites. */
export const suiteChanges = (here: RunRecord, there: RunRecord): readonly Change[] =>
  changesOf(new Map(leaves(here.suite, '')), new Map(leaves(there.suite, '')));

function origins(record: RunRecord): ReadonlyMap<string, string> {
  const distinct = (values: readonly string[]): string => [...new Set(values)].sort().join('; ');
  const kinds = [...new Set(record.results.map(({ kind }) => kind))];
  return new Map([
    ['version', record.version],
    ...kinds.map((kind) => [`code of ${kind} jobs`, distinct(record.results.filter((result) => result.kind === kind).map(({ code }) => code.slice(0, 12)))] as const),
    ...record.results.flatMap(({ kind, id, config: { fingerprint } }) => (kind === 'prepare' && typeof fingerprint === 'string' ? [[`data of ${id}`, fingerprint.slice(0, 12)] as const] : [])),
    ['metric version', distinct(record.results.flatMap((result) => (result.kind === 'transfer' ? [String(result.metricVersion)] : [])))],
    ['machine', distinct(record.results.map(({ environment: { platform, cpu, cores, node } }) => `${platform}, ${cpu}, ${cores} cores, Node.js ${node}`))],
    ['engine', distinct(record.results.flatMap(({ environment: { engine } }) => (engine === null ? [] : [engineText(engine)])))],
  ]);
}

const engineText = ({ name, runtime, device, deviceName, precision, threads }: EngineFacts): string =>
  `${name} ${runtime} on ${deviceName} (${device}), ${precision}, threads ${threads.intraOp}/${threads.interOp}`;

export const originChanges = (here: RunRecord, there: RunRecord): readonly Change[] => changesOf(origins(here), origins(there));
