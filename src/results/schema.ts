import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import { repairStore, StoreError } from '../errors.js';
import { failsToLearn } from '../metrics/index.js';
import { didYouMean } from '../nearest.js';
import { lacking } from './looks-like.js';
import { recordSchema } from './record-schema.js';
import { resultSchemas, type ResultKind } from './result-schema.js';
import type { Result, RunRecord, TransferBody } from './types.js';
import { resultVersion } from './version.js';
import { isObject } from '../files.js';

export { resultVersion };

const ajv = new Ajv2020({ allErrors: true, verbose: true, discriminator: true, strict: true, allowUnionTypes: true, strictRequired: false, code: { optimize: false } });

const compiled = new Map<object, ValidateFunction>();
const validator = (schema: object): ValidateFunction => {
  const known = compiled.get(schema);
  if (known !== undefined) return known;
  const made = ajv.compile(schema);
  compiled.set(schema, made);
  return made;
};

const isKind = (kind: unknown): kind is ResultKind => typeof kind === 'string' && Object.hasOwn(resultSchemas, kind);

/** One line a problem: where in the file, what is wrong. Follow-up errors of `if` and `oneOf` say nothing new. */
const explain = (errors: readonly ErrorObject[], root: string): readonly string[] =>
  errors
    .filter((error) => error.keyword !== 'if' && error.keyword !== 'oneOf')
    .map((error) => {
      const place = `${root}${error.instancePath}` || '/';
      if (error.keyword !== 'additionalProperties') return `${place}: ${error.message ?? error.keyword}`;
      const unknown = String(error.params['additionalProperty']);
      const allowed = Object.keys((error.parentSchema?.['properties'] ?? {}) as object);
      return `${place}: unknown key "${unknown}"${didYouMean(unknown, allowed)}`;
    });

const otherForm = (found: unknown): string => `/schema: this version reads schema ${resultVersion}, found ${JSON.stringify(found)}`;

const shown = 8;
const refuse = (what: string, where: string | undefined, problems: readonly string[], fix: string): never => {
  const rest = problems.length > shown ? [`... and ${problems.length - shown} more`] : [];
  throw new StoreError(`${what} is not valid:\n  ${[...problems.slice(0, shown), ...rest].join('\n  ')}`, {
    ...(where === undefined ? {} : { where }),
    fix,
    data: { problems: [...problems] },
  });
};

/** What no schema can say: numbers in a transfer result must agree with each other. */
const contradictions = (body: TransferBody): readonly string[] => [
  ...perImageContradictions(body),
  ...(body.metrics.some(({ metric }) => metric === body.primary) ? [] : [`/primary: "${body.primary}" is not among the metrics`]),
  ...(body.failedToLearn === failsToLearn(body.trainAccuracy, body.chance, body.largestClass)
    ? []
    : [`/failedToLearn: ${body.failedToLearn} at train accuracy ${body.trainAccuracy} and chance ${body.chance}${body.largestClass === undefined ? '' : `, largest class ${body.largestClass}`}`]),
];

function perImageContradictions(body: TransferBody): readonly string[] {
  const { nTest } = body;
  const classes = body.classes.length;
  const lengths = (parts: Readonly<Record<string, readonly unknown[]>>): readonly string[] =>
    (Object.values(parts).every(({ length }) => length === nTest) ? [] : [`/perImage: ${Object.entries(parts).map(([name, { length }]) => `${length} ${name}`).join(', ').replace(/, ([^,]*)$/, ' and $1')} for nTest ${nTest}`]);
  const below = (place: string, what: string, values: readonly number[]): readonly string[] =>
    (values.some((value) => value >= classes) ? [`/perImage/${place}: a ${what} is not below the ${classes} classes`] : []);
  switch (body.taskKind) {
    case 'classification': {
      const { ids, labels, predictions } = body.perImage;
      return [...lengths({ ids, labels, predictions }), ...below('labels', 'label', labels), ...below('predictions', 'prediction', predictions)];
    }
    case 'segmentation': {
      const { ids, counts } = body.perImage;
      return [
        ...lengths({ ids, counts }),
        ...(counts.some(({ length }) => length % 4 !== 0) ? ['/perImage/counts: an image has no whole number of classes, with four numbers each'] : []),
        ...below('counts', 'class', counts.flatMap((one) => one.filter((_, at) => at % 4 === 0))),
      ];
    }
    case 'detection': {
      const { ids, box, mask } = body.perImage;
      const all = [...box, ...(mask ?? [])].flat();
      const uneven = all.some(({ scores, matched, ignored }) => matched.length !== scores.length || ignored.length !== scores.length);
      return [
        ...lengths({ ids, box, ...(mask === null ? {} : { mask }) }),
        ...(uneven ? ['/perImage: scores, matched and ignored of an image and class differ in length'] : []),
        ...below('box', 'category', all.map(({ category }) => category)),
      ];
    }
  }
}

/**
 * Checks a parsed `result.json`. Throws a StoreError that lists every problem with its path in the file.
 * `where`: the file or job, for the message.
 */
export function validateResult(value: unknown, where?: string): Result {
  const place = where ?? (isObject(value) && typeof value['id'] === 'string' ? value['id'] : undefined);
  const fix = `If the file was changed: ${repairStore} If verify finds nothing wrong, it is a mistake of maskbench; please report it.`;
  if (!isObject(value)) return refuse('result.json', place, ['/: must be an object'], fix);
  if (value['schema'] !== resultVersion) {
    return refuse('result.json', place, [otherForm(value['schema'])], 'Another version of maskbench wrote it, and this one makes its own under another key. `maskbench store gc SUITE --delete` removes what no suite needs.');
  }
  const kind = value['kind'];
  if (!isKind(kind)) {
    const kinds = Object.keys(resultSchemas);
    return refuse('result.json', place, [`/kind: must be one of ${kinds.join(', ')}, found ${JSON.stringify(kind)}`], fix);
  }
  const check = validator(resultSchemas[kind]);
  if (!check(value)) return refuse('result.json', place, explain(check.errors ?? [], ''), fix);
  const result = value as unknown as Result;
  if (result.kind === 'transfer') {
    const wrong = contradictions(result);
    if (wrong.length > 0) return refuse('result.json', place, wrong, fix);
  }
  return result;
}

/** Of jobs and entries that others rest on: a name that none has, or a circle, in which a reader would not come to an end. */
function unfounded({ jobs, suite }: RunRecord): readonly string[] {
  const { entries } = suite as unknown as { readonly entries: readonly { readonly name: string; readonly start?: string | null }[] };
  return [
    ...circular('/jobs', jobs.map(({ id, inputs }) => ({ name: id, on: Object.values(inputs) }))),
    ...circular('/suite/entries', entries.map(({ name, start }) => ({ name, on: typeof start === 'string' ? [start] : [] }))),
  ];
}

function circular(place: string, all: readonly { readonly name: string; readonly on: readonly string[] }[]): readonly string[] {
  const known = new Set(all.map(({ name }) => name));
  const problems = all.flatMap(({ name, on }) => on.filter((other) => !known.has(other)).map((other) => `${place}: ${name} rests on ${other}, which is not there`));
  if (problems.length > 0) return problems;
  // What rests on nothing that is left goes, until nothing is left, or a circle.
  let left = all;
  for (let before = Infinity; left.length < before;) {
    before = left.length;
    const names = new Set(left.map(({ name }) => name));
    left = left.filter(({ on }) => on.some((other) => names.has(other)));
  }
  return left.length === 0 ? [] : [`${place}: what ${left[0]!.name} rests on goes round in a circle`];
}

/** Checks a parsed `results.json`. Throws a StoreError that lists every problem with its path in the file. */
export function validateRunRecord(value: unknown, where?: string): RunRecord {
  const fix = 'Give a results.json that `maskbench run` or `maskbench report` has written, or make it again from the store.';
  if (!isObject(value)) return refuse('the run record', where, ['/: must be an object'], fix);
  if (!Object.hasOwn(value, 'results')) return refuse('the run record', where, [lacking('results', value)], fix);
  if (value['schema'] !== resultVersion) {
    return refuse('the run record', where, [otherForm(value['schema'])], 'Another version of maskbench wrote it. Read it with that version, or run the suite again with this one.');
  }
  const check = validator(recordSchema);
  if (!check(value)) return refuse('the run record', where, explain(check.errors ?? [], ''), fix);
  const record = value as unknown as RunRecord;
  const wrong = record.results.flatMap((result, index) =>
    result.kind === 'transfer' ? contradictions(result).map((problem) => `/results/${index}${problem}`) : [],
  );
  const all = [...wrong, ...unfounded(record)];
  return all.length > 0 ? refuse('the run record', where, all, fix) : record;
}
