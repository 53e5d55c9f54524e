import { Ajv2020 } from 'ajv/dist/2020.js';
import type { ValidateFunction } from 'ajv/dist/2020.js';
import { StoreError } from '../../errors.js';
import { isObject } from '../../files.js';
import { lacking } from '../looks-like.js';
import { contradictions } from './contradictions.js';
import { unpacked } from './packed.js';
import { baselineSchema, detectedSchema } from './schema.js';
import { baselineVersion, type Baseline, type CompactImages } from './types.js';

interface Validators { readonly file: ValidateFunction; readonly detected: ValidateFunction }
let compiled: Validators | null = null;
const compile = (ajv: Ajv2020): Validators => ({ file: ajv.compile(baselineSchema), detected: ajv.compile(detectedSchema) });
const validators = (): Validators => (compiled ??= compile(new Ajv2020({ allErrors: true, discriminator: true, strict: true, strictRequired: false })));

const shown = 8;

/** Checks a parsed baseline file, named `where` in messages. StoreError that lists what is wrong. */
export function validateBaseline(value: unknown, where: string): Baseline {
  const refuse = (problems: readonly string[]): never => {
    throw new StoreError(`this is no baseline:\n  ${[...problems.slice(0, shown), ...(problems.length > shown ? [`... and ${problems.length - shown} more`] : [])].join('\n  ')}`, {
      where, fix: 'Record it anew: maskbench baseline record NAME RUN --replace', data: { problems: [...problems] },
    });
  };
  if (!isObject(value) || !Object.hasOwn(value, 'cells')) return refuse([lacking('cells', value)]);
  const found = value['schema'];
  if (found !== baselineVersion) return refuse([`/schema: this version reads schema ${baselineVersion}, found ${JSON.stringify(found)}`]);
  const { file: check, detected } = validators();
  if (!check(value)) {
    return refuse((check.errors ?? []).filter(({ keyword }) => keyword !== 'oneOf' && keyword !== 'anyOf').map(({ instancePath, message, params }) =>
      `${instancePath || '/'}: ${message ?? ''}${'additionalProperty' in params ? ` (${String(params['additionalProperty'])})` : ''}`));
  }
  const file = value as unknown as BaselineFile;
  const cells = file.cells.map((cell, at) => ({ ...cell, perImage: withMatches(cell.perImage, file.images[cell.images]?.n ?? 0, detected) ?? refuse([`/cells/${at}/perImage/packed: not how detections were matched`]) }));
  const baseline: Baseline = { ...file, cells };
  const wrong = [...cells.flatMap((cell, at) => contradictions(baseline.images, cell).map((problem) => `/cells/${at}${problem}`)), ...twice(cells)];
  return wrong.length > 0 ? refuse(wrong) : baseline;
}

/** As the file has it. */
type FileImages = Exclude<CompactImages, { readonly kind: 'detection' }> | { readonly kind: 'detection'; readonly packed: string };
type BaselineFile = Omit<Baseline, 'cells'> & { readonly cells: readonly (Omit<Baseline['cells'][number], 'perImage'> & { readonly perImage: FileImages })[] };

/** null for what does not unpack to matches. */
function withMatches(images: FileImages, count: number, check: ValidateFunction): CompactImages | null {
  if (images.kind !== 'detection') return images;
  try {
    const detected = unpacked(images.packed, count);
    return check(detected) ? { kind: 'detection', ...(detected as Omit<Extract<CompactImages, { readonly kind: 'detection' }>, 'kind'>) } : null;
  } catch {
    return null;
  }
}

const placeOf = ({ entry, task, protocol, seed }: Baseline['cells'][number]): string => `${entry}, ${task}, ${protocol}, seed ${seed}`;

/** Cells that an earlier one stands for already, as where two branches were merged into one file. */
function twice(cells: Baseline['cells']): readonly string[] {
  const first = new Map<string, number>();
  return cells.flatMap((cell, at) => {
    const place = placeOf(cell);
    const earlier = first.get(place);
    if (earlier === undefined) first.set(place, at);
    return earlier === undefined ? [] : [`/cells/${at}: ${place} is /cells/${earlier} already`];
  });
}
