import type { Json, JsonObject } from '../files.js';
import { coreProperties, entryProperties, entryScheduleSchema, pretrainProperties } from './core.js';
import type { Member, SuiteMembers } from './members.js';

/** A fragment without `required`: what a shared block, or an entry over a shared block, may hold. */
export function partial(schema: Json): Json {
  if (Array.isArray(schema)) return schema.map(partial);
  if (typeof schema !== 'object' || schema === null) return schema;
  return Object.fromEntries(Object.entries(schema as JsonObject)
    .filter(([key, value]) => !(key === 'required' && Array.isArray(value)))
    .map(([key, value]) => [key, partial(value)]));
}

const propertiesOf = (member: Member): JsonObject => (member.schema['properties'] ?? {}) as JsonObject;
const requiredOf = (member: Member): readonly Json[] => (member.schema['required'] ?? []) as readonly Json[];
const partialProperties = (member: Member): JsonObject => partial(propertiesOf(member)) as JsonObject;

const described = (schema: JsonObject, member: Member): JsonObject =>
  member.description === undefined ? schema : { description: member.description, ...schema };

const byName = (members: Readonly<Record<string, Member>>): JsonObject =>
  Object.fromEntries(Object.entries(members).map(([name, member]) => [name, described(partial(member.schema) as JsonObject, member)]));

/**
 * An object whose further keys depend on which member one of its keys names. Written as one `if` a member, which editors
 * and validators of every draft understand.
 */
function chosenBy(key: string, members: Readonly<Record<string, Member>>, own: (name: string) => JsonObject, options: (member: Member) => JsonObject, required: (member: Member) => readonly Json[]): JsonObject {
  const names = Object.keys(members);
  for (const name of names) {
    const clash = Object.keys(members[name] === undefined ? {} : options(members[name])).find((option) => Object.hasOwn(own(name), option) || option === key);
    if (clash !== undefined) throw new Error(`the option "${clash}" of ${name} is a key of the suite file itself; give the option another name`);
  }
  return {
    type: 'object',
    required: [key],
    properties: { [key]: { type: 'string', enum: names } },
    allOf: names.map((name) => {
      const member = members[name]!;
      const need = required(member);
      return {
        if: { type: 'object', properties: { [key]: { const: name } }, required: [key] },
        then: {
          type: 'object',
          ...(member.description === undefined ? {} : { description: member.description }),
          additionalProperties: false,
          properties: { [key]: true, ...own(name), ...options(member) },
          ...(need.length === 0 ? {} : { required: need }),
        },
      };
    }),
  };
}

const assembled = new WeakMap<SuiteMembers, JsonObject>();

/** The JSON schema (draft 2020-12) of suite files: the core and every member's fragment. The same object for the same members. */
export function suiteSchema(members: SuiteMembers): JsonObject {
  const known = assembled.get(members);
  if (known !== undefined) return known;
  const schema = assemble(members);
  assembled.set(members, schema);
  return schema;
}

function assemble(members: SuiteMembers): JsonObject {
  const { name, title, method, start, controls, protocols } = entryProperties;
  const override = { ...protocols, additionalProperties: false, properties: byName(members.protocols) };
  const entryKeys = (entryMethod: string): JsonObject => {
    const { kind, startsFrom } = members.methods[entryMethod]!;
    return { name: true, title: true, protocols: true, ...(startsFrom === undefined ? {} : { start: true }), ...(startsFrom?.required === true ? { controls: true } : {}), ...(kind === 'train' ? { ...pretrainProperties, schedule: entryScheduleSchema } : {}) };
  };
  const entry = chosenBy('method', members.methods, entryKeys, partialProperties, () => []);
  const model = { ...coreProperties.model, properties: { ...coreProperties.model.properties, name: { ...coreProperties.model.properties.name, enum: ['custom', ...Object.keys(members.models)] } } };
  const speed = { ...coreProperties.speed, properties: { ...coreProperties.speed.properties, models: { ...coreProperties.speed.properties.models, items: { type: 'string', enum: Object.keys(members.models) } } } };
  const snapshots = { ...coreProperties.snapshots, properties: { ...coreProperties.snapshots.properties, protocols: { ...coreProperties.snapshots.properties.protocols, items: { type: 'string', enum: Object.keys(members.protocols) } } } };
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: 'urn:maskbench:schema:suite',
    title: 'maskbench suite',
    description: 'One comparison: which methods are pre-trained on what, on which tasks they are judged, and how often.',
    type: 'object',
    additionalProperties: false,
    required: ['name', 'model', 'data', 'entries'],
    // Speed alone judges nothing; what else must be there is said with it, as for every other key.
    if: { required: ['speed'] },
    then: {},
    else: { required: ['tasks', 'protocols'] },
    properties: {
      ...(coreProperties as unknown as JsonObject),
      model: model as unknown as JsonObject,
      snapshots: snapshots as unknown as JsonObject,
      speed: speed as unknown as JsonObject,
      data: {
        type: 'object',
        description: 'Data sets by a name of your choice: a source, and beside it the source\'s options.',
        minProperties: 1,
        propertyNames: { type: 'string', pattern: coreProperties.name.pattern, maxLength: coreProperties.name.maxLength },
        additionalProperties: chosenBy('source', members.sources, () => ({}), propertiesOf, requiredOf),
      },
      methods: {
        type: 'object',
        description: 'Options shared by all entries of a method. An entry\'s own options are put over them.',
        additionalProperties: false,
        properties: byName(members.methods),
      },
      pretrain: {
        type: 'object',
        description: 'Shared by all entries that pre-train. An entry\'s own keys are put over them.',
        additionalProperties: false,
        properties: pretrainProperties as unknown as JsonObject,
      },
      entries: {
        type: 'array',
        description: 'The rows of the comparison: a method, and beside it the method\'s options.',
        minItems: 1,
        items: {
          ...entry,
          required: ['name', 'method'],
          properties: { ...(entry['properties'] as JsonObject), name: name as unknown as JsonObject, title: title as unknown as JsonObject, start: start as unknown as JsonObject, controls: controls as unknown as JsonObject, method: { ...method, ...((entry['properties'] as JsonObject)['method'] as JsonObject) }, protocols: override as unknown as JsonObject },
        },
      },
      protocols: {
        type: 'object',
        description: 'How encoders are judged, by protocol, with the options that differ from its defaults.',
        additionalProperties: false,
        minProperties: 1,
        properties: byName(members.protocols),
      },
    },
  };
}
