import { MaskbenchError } from '../errors.js';
import { hashJson, isObject, type Json, type JsonObject } from '../files.js';
import { added, asking } from './controls.js';
import { coreProperties, entryProperties, pretrainProperties } from './core.js';
import type { SuiteMembers, TaskOffer } from './members.js';
import { merge } from './merge.js';
import { pathText, shown, suggestion } from './problem.js';
import type { Path, Problem } from './problem.js';
import { check, withDefaults } from './validate.js';

/**
 * What no schema can say: names that must exist, sizes that must divide, options that are complete only once the shared
 * blocks lie under them. Reads the file tolerantly, because it also runs on one whose schema errors (`known`) are listed
 * beside these: a person should see everything at once.
 */
export async function crossCheck(document: JsonObject, members: SuiteMembers, known: readonly Problem[]): Promise<readonly Problem[]> {
  const sound = (path: Path): boolean => !known.some((problem) => isWithin(problem.path, path));
  return [
    ...checkModel(object(document['model']), members),
    ...checkProtocols(document, members, sound),
    ...checkEntries(document, members, sound),
    ...checkReference(document, members),
    ...checkSnapshots(document, members),
    ...await checkTasks(document, members, sound, known.length > 0),
  ];
}

const object = (value: Json | undefined): JsonObject => (isObject(value) ? value : {});
const list = (value: Json | undefined): readonly Json[] => (Array.isArray(value) ? (value as readonly Json[]) : []);
const own = (value: JsonObject, key: string): Json | undefined => (Object.hasOwn(value, key) ? value[key] : undefined);
const wrong = (path: Path, message: string, part: Problem['part'] = 'value'): Problem => ({ path, part, message });
const isWithin = (path: Path, above: Path): boolean => above.every((step, depth) => path[depth] === step);

function checkModel(model: JsonObject, members: SuiteMembers): readonly Problem[] {
  const problems: Problem[] = [];
  const defaults = coreProperties.model.properties;
  const number = (key: string, fallback?: number): number | undefined => {
    const value = own(model, key) ?? fallback;
    return typeof value === 'number' && Number.isFinite(value) && value > 0 ? value : undefined;
  };
  const multiple = (key: string, value: number | undefined, of: string, divisor: number | undefined): void => {
    if (value !== undefined && divisor !== undefined && value % divisor !== 0) {
      problems.push(wrong(['model', key], `must be a multiple of ${of}, is ${value}`));
    }
  };
  const patch = number('patch_size', defaults.patch_size.default);
  multiple('image_size', number('image_size', defaults.image_size.default), `patch_size (${patch})`, patch);

  const { name } = model;
  if (typeof name !== 'string') return problems;
  const size = Object.hasOwn(members.models, name) ? members.models[name] : undefined;
  if (size !== undefined) {
    for (const key of ['width', 'depth', 'heads', 'mlp_ratio'] as const) {
      const value = own(model, key);
      if (typeof value === 'number' && value !== size[key]) {
        problems.push(wrong(['model', key], `${name} has ${key} ${size[key]}, not ${value}; remove this line, or say name: custom`));
      }
    }
  } else if (name === 'custom') {
    for (const key of ['width', 'depth', 'heads']) {
      if (own(model, key) === undefined) problems.push(wrong(['model'], `the key "${key}" is missing; a custom model needs width, depth and heads`));
    }
    const [width, ratio] = [number('width'), number('mlp_ratio', defaults.mlp_ratio.default)];
    if (width !== undefined && ratio !== undefined && width * ratio < 1) problems.push(wrong(['model', 'mlp_ratio'], `${ratio} of the width ${width} is less than one neuron`));
    const heads = number('heads');
    multiple('width', number('width'), `heads (${heads})`, heads);
    multiple('width', number('width'), '4 (the sine-cosine positions have two axes with two waves each)', 4);
  }
  return problems;
}

function checkProtocols(document: JsonObject, members: SuiteMembers, sound: (path: Path) => boolean): readonly Problem[] {
  return Object.entries(object(document['protocols'])).flatMap(([name, options]) => {
    const path = ['protocols', name];
    const member = Object.hasOwn(members.protocols, name) ? members.protocols[name] : undefined;
    return member === undefined || !sound(path) ? [] : check(member.schema, options, path);
  });
}

function checkEntries(document: JsonObject, members: SuiteMembers, sound: (path: Path) => boolean): readonly Problem[] {
  const data = object(document['data']);
  const shared = object(document['pretrain']);
  const protocols = object(document['protocols']);
  const firstPlace = new Map<string, number>();
  const problems: Problem[] = [];

  const unknownData = (name: Json | undefined, path: Path): void => {
    if (typeof name === 'string' && !Object.hasOwn(data, name)) problems.push(wrong(path, `no data set is called "${name}"${suggestion(name, Object.keys(data))}`));
  };
  unknownData(shared['data'], ['pretrain', 'data']);

  for (const [index, item] of list(document['entries']).entries()) {
    const entry = object(item);
    const path: Path = ['entries', index];
    const name = own(entry, 'name');
    if (typeof name === 'string') {
      const first = firstPlace.get(name);
      if (first !== undefined) problems.push(wrong([...path, 'name'], `"${name}" is the name of entries[${first}] too; each entry needs its own`));
      else firstPlace.set(name, index);
    }
    for (const [protocol, override] of Object.entries(object(entry['protocols']))) {
      const place = [...path, 'protocols', protocol];
      const member = Object.hasOwn(members.protocols, protocol) ? members.protocols[protocol] : undefined;
      if (member === undefined) continue; // said by the schema
      if (!Object.hasOwn(protocols, protocol)) {
        problems.push(wrong(place, `the suite does not use the protocol "${protocol}"; add it to protocols, or remove it here`, 'key'));
      } else if (sound(place) && sound(['protocols', protocol])) {
        const merged = merge(object(protocols[protocol]), object(override));
        const found = check(member.schema, merged, place);
        problems.push(...inherited(found, override, place, `protocols.${protocol}`));
        if (found.length === 0) problems.push(...checkSameProtocol(member.schema, object(protocols[protocol]), object(override), place));
      }
    }
    const method = own(entry, 'method');
    const member = typeof method === 'string' && Object.hasOwn(members.methods, method) ? members.methods[method] : undefined;
    if (typeof method !== 'string' || member === undefined) continue;
    if (member.kind === 'train') {
      unknownData(own(entry, 'data'), [...path, 'data']);
      if (sound(path) && sound(['pretrain'])) problems.push(...checkPretrain(merge(shared, entry), path, Object.keys(data)));
    }
    const sharedOptions = object(own(object(document['methods']), method));
    if (sound(path) && sound(['methods', method])) {
      problems.push(...inherited(check(member.schema, merge(sharedOptions, optionsOf(entry)), path), item, path, `methods.${method}`));
    }
  }
  return [...problems, ...checkStarts(document, members), ...checkFlopsOf(document, members)];
}

/** Starts must be entries of a method that the entry's own can begin with, and lead to one that begins with nothing. */
function checkStarts(document: JsonObject, members: SuiteMembers): readonly Problem[] {
  const entries = list(document['entries']).map(object);
  const byName = new Map(entries.flatMap((entry) => (typeof entry['name'] === 'string' ? [[entry['name'], entry] as const] : [])));
  const startOf = (entry: JsonObject | undefined): string | undefined => (typeof entry?.['start'] === 'string' ? entry['start'] : undefined);
  return entries.flatMap((entry, index): readonly Problem[] => {
    const { method } = entry;
    const allowed = typeof method === 'string' && Object.hasOwn(members.methods, method) ? members.methods[method]!.startsFrom : undefined;
    if (typeof method !== 'string' || allowed === undefined) return [];
    const path: Path = ['entries', index];
    const at = [...path, 'start'];
    const named = startOf(entry);
    const kinds = allowed.methods.join(' or ');
    if (named === undefined) return allowed.required && entry['start'] === undefined ? [wrong(path, `the key "start" is missing: ${method} begins with a finished ${kinds}; name such an entry`)] : [];
    const start = byName.get(named);
    if (start === undefined) return [wrong(at, `no entry is called "${named}"${suggestion(named, [...byName.keys()])}`)];
    const of = start['method'];
    if (typeof of === 'string' && !allowed.methods.includes(of)) return [wrong(at, `"${named}" is a ${of}; ${method} can begin with ${kinds} only`)];
    const seen = new Set<string>();
    for (let next: string | undefined = named; next !== undefined; next = startOf(byName.get(next))) {
      if (seen.has(next) || next === entry['name']) return [wrong(at, `"${named}" begins in the end with "${next}" itself; one of them must begin with nothing`)];
      seen.add(next);
    }
    return [];
  });
}

/** `flops_of` stands alone, and names an entry that pre-trains and whose own length does not wait for this one's. */
function checkFlopsOf(document: JsonObject, members: SuiteMembers): readonly Problem[] {
  const entries = list(document['entries']).map(object);
  const byName = new Map(entries.flatMap((entry) => (typeof entry['name'] === 'string' ? [[entry['name'], entry] as const] : [])));
  const flopsOf = (entry: JsonObject | undefined): Json | undefined => own(object(entry?.['schedule']), 'flops_of');
  const trains = ({ method }: JsonObject): boolean => typeof method === 'string' && Object.hasOwn(members.methods, method) && members.methods[method]!.kind === 'train';
  const waitsFor = (entry: JsonObject, sought: Json | undefined, seen: ReadonlySet<JsonObject> = new Set()): boolean => {
    if (entry['name'] === sought) return true;
    if (seen.has(entry)) return false;
    return [entry['start'], flopsOf(entry)].some((next) => typeof next === 'string' && byName.has(next) && waitsFor(byName.get(next)!, sought, new Set([...seen, entry])));
  };
  return entries.flatMap((entry, index): readonly Problem[] => {
    const named = flopsOf(entry);
    if (typeof named !== 'string') return [];
    const path: Path = ['entries', index, 'schedule'];
    const beside = ['epochs', 'of'].filter((key) => own(object(entry['schedule']), key) !== undefined);
    if (beside.length > 0) return beside.map((key) => wrong([...path, key], `flops_of sets the length already; leave ${key} or flops_of out`, 'key'));
    const at = [...path, 'flops_of'];
    const other = byName.get(named);
    if (other === undefined) return [wrong(at, `no entry is called "${named}"${suggestion(named, [...byName.keys()])}`)];
    if (!trains(other)) return [wrong(at, `"${named}" does not pre-train, so it has no FLOPs to reach`)];
    return waitsFor(other, entry['name']) ? [wrong(at, `the length of "${named}" waits for this entry itself; name one that does not`)] : [];
  });
}

/** An entry may search other values than the rest does, as many of them. Anything else would be another protocol under the same name. */
function checkSameProtocol(schema: JsonObject, shared: JsonObject, override: JsonObject, place: Path): readonly Problem[] {
  const properties = object(schema['properties']);
  const searched = Object.keys(properties).filter((key) => list(object(properties[key])['anyOf']).some((one) => object(one)['type'] === 'array'));
  const [rest, here] = [withDefaults(schema, shared), withDefaults(schema, merge(shared, override))];
  const other = Object.keys(override).filter((key) => !searched.includes(key) && hashJson(rest[key]!) !== hashJson(here[key]!));
  if (other.length > 0) {
    return other.map((key) => wrong([...place, key], `an entry cannot change "${key}": it would be judged by another protocol than the others; it may change what is searched (${searched.join(', ')})`, 'key'));
  }
  const tries = (options: JsonObject): number => searched.reduce((product, key) => product * (Array.isArray(options[key]) ? options[key].length : 1), 1);
  return tries(rest) === tries(here) ? []
    : [wrong(place, `tries ${tries(here)} configurations where the other entries try ${tries(rest)}; give lists whose lengths multiply to ${tries(rest)}`)];
}

/** A problem of a value that an entry took from a shared block is a problem of the block: it is said once, at its own check. */
function inherited(problems: readonly Problem[], written: Json, base: Path, block: string): readonly Problem[] {
  const isWritten = (path: Path): boolean => {
    let here: Json | undefined = written;
    for (const step of path.slice(base.length)) {
      if (typeof here !== 'object' || here === null || !Object.hasOwn(here, step)) return false;
      here = (here as Readonly<Record<string | number, Json>>)[step];
    }
    return true;
  };
  return problems.map((problem) => (isWritten(problem.path) ? problem : { ...problem, path: base, message: `${pathText(problem.path.slice(base.length))} (from ${block}): ${problem.message}` }));
}

function checkPretrain(merged: JsonObject, path: Path, dataNames: readonly string[]): readonly Problem[] {
  const missing = (key: string): Problem => wrong(path, `the key "${key}" is missing; give it here, or for all entries under pretrain`);
  return [
    ...(own(merged, 'data') === undefined && dataNames.length > 1 ? [missing('data')] : []),
    ...(own(merged, 'batch_size') === undefined ? [missing('batch_size')] : []),
    ...(own(object(merged['schedule']), 'epochs') === undefined && own(object(merged['schedule']), 'flops_of') === undefined ? [missing('schedule.epochs')] : []),
  ];
}

const entryKeys = new Set([...Object.keys(entryProperties), ...Object.keys(pretrainProperties)]);

/** The method's own options in an entry. */
export const optionsOf = (entry: JsonObject): JsonObject => Object.fromEntries(Object.entries(entry).filter(([key]) => !entryKeys.has(key)));

/** Names of the entries, those behind the written ones that are added as controls. */
function entryNames(document: JsonObject, members: SuiteMembers): readonly string[] {
  const entries = list(document['entries']).map(object);
  const written = entries.map(({ name }) => name).filter((name) => typeof name === 'string');
  return [...written, ...added(asking(entries, members), written).map(({ name }) => name)];
}

function checkReference(document: JsonObject, members: SuiteMembers): readonly Problem[] {
  const reference = own(document, 'reference');
  if (typeof reference !== 'string') return [];
  const names = entryNames(document, members);
  return names.length === 0 || names.includes(reference) ? [] : [wrong(['reference'], `no entry is called "${reference}"${suggestion(reference, names)}`)];
}

/** Protocols that work on features, of those named. */
export const frozen = (protocols: readonly string[], members: SuiteMembers): readonly string[] =>
  protocols.filter((name) => Object.hasOwn(members.protocols, name) && members.protocols[name]!.needs === 'features');

function checkSnapshots(document: JsonObject, members: SuiteMembers): readonly Problem[] {
  if (own(document, 'snapshots') === undefined) return [];
  const used = Object.keys(object(document['protocols']));
  const named = own(object(document['snapshots']), 'protocols');
  if (named === undefined) {
    return used.length === 0 || frozen(used, members).length > 0 ? []
      : [wrong(['snapshots'], `no protocol of the suite works on a frozen encoder; name those that judge snapshots: protocols: [${used.join(', ')}]`)];
  }
  return list(named).flatMap((name, index) =>
    (typeof name !== 'string' || used.includes(name) || !Object.hasOwn(members.protocols, name) ? []
      : [wrong(['snapshots', 'protocols', index], `the suite does not use the protocol "${name}"; add it to protocols, or remove it here`)]));
}

async function checkTasks(document: JsonObject, members: SuiteMembers, sound: (path: Path) => boolean, broken: boolean): Promise<readonly Problem[]> {
  const data = object(document['data']);
  const offers = new Map<string, readonly TaskOffer[] | undefined>();

  const offersOf = async (name: string): Promise<readonly TaskOffer[] | undefined> => {
    if (offers.has(name)) return offers.get(name);
    const { source, ...options } = object(data[name]);
    const member = typeof source === 'string' && Object.hasOwn(members.sources, source) ? members.sources[source] : undefined;
    let offer: readonly TaskOffer[] | undefined;
    if (member !== undefined && sound(['data', name])) {
      try {
        offer = await member.tasks(withDefaults(member.schema, options));
      } catch (error) {
        // Missing data is said when the file itself is in order: it may be another problem's consequence.
        if (!broken || !(error instanceof MaskbenchError)) throw error;
      }
    }
    offers.set(name, offer);
    return offer;
  };

  const development = document['development'] === true;
  const problems: Problem[] = [];
  for (const [index, task] of list(document['tasks']).entries()) {
    if (typeof task !== 'string') continue;
    const path = ['tasks', index];
    const slash = task.indexOf('/');
    const dataName = slash === -1 ? task : task.slice(0, slash);
    const taskName = slash === -1 ? '' : task.slice(slash + 1);
    const isData = Object.hasOwn(data, dataName);
    if (isData && taskName === '') {
      const offer = await offersOf(dataName);
      const first = offer?.find((one) => development || !one.development);
      const hint = offer?.length === 0 ? 'it has none' : `write <data set>/<task>${first === undefined ? '' : `, for example ${dataName}/${first.name}`}`;
      problems.push(wrong(path, `${shown(task)} names a data set without a task; ${hint}`));
      continue;
    }
    if (slash < 1) {
      const only = Object.keys(data)[0] ?? 'data';
      problems.push(wrong(path, `${shown(task)} names no data set; write <data set>/<task>, for example ${only}/${slash === -1 ? task : taskName || 'all'}`));
      continue;
    }
    if (!isData) {
      problems.push(wrong(path, `no data set is called "${dataName}"${suggestion(dataName, Object.keys(data))}`));
      continue;
    }
    const offer = await offersOf(dataName);
    if (offer === undefined) continue;
    const found = offer.find(({ name }) => name === taskName);
    if (found === undefined) {
      const valid = offer.filter((one) => development || !one.development).map(({ name }) => name);
      problems.push(wrong(path, `"${dataName}" has no task "${taskName}"${suggestion(taskName, valid)}`));
    } else if (found.development && !development) {
      problems.push(wrong(path, `"${taskName}" is a development task: it was used for tuning, so its numbers cannot be reported; choose another, or say development: true`));
    }
  }
  return problems;
}
