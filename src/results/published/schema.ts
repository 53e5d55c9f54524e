import { Ajv2020 } from 'ajv/dist/2020.js';
import type { ValidateFunction } from 'ajv/dist/2020.js';
import { DataError } from '../../errors.js';
import type { PublishedFile } from './types.js';

const text = { type: 'string', minLength: 1 } as const;
const textOrNull = { type: ['string', 'null'], minLength: 1 } as const;
const epochs = { type: ['number', 'null'], exclusiveMinimum: 0 } as const;

const number = {
  type: 'object',
  additionalProperties: false,
  required: ['tag', 'where', 'method', 'model', 'pretrainData', 'epochs', 'effectiveEpochs', 'task', 'metric', 'protocol', 'quantity', 'against', 'value', 'unit'],
  properties: {
    tag: { type: 'string', pattern: '^F2?:S[0-9]+$' },
    where: textOrNull, method: text, model: textOrNull, pretrainData: textOrNull, epochs, effectiveEpochs: epochs,
    task: { type: ['object', 'null'], additionalProperties: false, required: ['dataset', 'kind'], properties: { dataset: text, kind: { enum: ['classification', 'segmentation', 'detection'] } } },
    metric: text,
    protocol: { type: 'object', additionalProperties: false, required: ['name', 'details'], properties: { name: textOrNull, details: text } },
    quantity: { enum: ['value', 'difference', 'ratio'] },
    against: textOrNull,
    value: { type: 'number' },
    unit: { enum: ['%', 'points', 'times', 'h'] },
  },
} as const;

const publishedSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['schema', 'source', 'numbers'],
  properties: {
    schema: { const: 1 },
    source: { type: 'object', additionalProperties: false, required: ['id', 'title', 'authors', 'address', 'secondary'], properties: { id: { type: 'string', pattern: '^S[0-9]+$' }, title: text, authors: textOrNull, address: text, secondary: { type: 'boolean' } } },
    numbers: { type: 'array', minItems: 1, items: number },
  },
} as const;

const units: Readonly<Record<string, readonly string[]>> = { value: ['%', 'h'], difference: ['points'], ratio: ['times'] };

let compiled: ValidateFunction | null = null;

/** Checks a file of published numbers, named `where` in messages: each found in the file's source, with what it is a number of. DataError that lists what is wrong. */
export function validatePublished(value: unknown, where: string): PublishedFile {
  const check = (compiled ??= new Ajv2020({ allErrors: true, allowUnionTypes: true }).compile(publishedSchema));
  const problems = check(value) ? contradictions(value as PublishedFile) : (check.errors ?? []).map(({ instancePath, message }) => `${instancePath || '/'}: ${message ?? ''}`);
  if (problems.length > 0) throw new DataError(`these are no published numbers:\n  ${problems.slice(0, 8).join('\n  ')}`, { where, fix: 'baselines/README.md says what may stand in such a file.', data: { problems } });
  return value as PublishedFile;
}

function contradictions({ source, numbers }: PublishedFile): readonly string[] {
  return numbers.flatMap(({ tag, quantity, against, unit }, at) => [
    ...(tag === `${source.secondary ? 'F2' : 'F'}:${source.id}` ? [] : [`/numbers/${at}/tag: ${tag} is not this source's`]),
    ...((quantity === 'value') === (against === null) ? [] : [`/numbers/${at}/against: ${quantity === 'value' ? 'a value is against nothing' : `to what is the ${quantity}?`}`]),
    ...(units[quantity]!.includes(unit) ? [] : [`/numbers/${at}/unit: a ${quantity} in ${unit}`]),
  ]);
}
