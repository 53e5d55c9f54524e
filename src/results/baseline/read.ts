import { Ajv2020 } from 'ajv/dist/2020.js';
import type { ValidateFunction } from 'ajv/dist/2020.js';
import { StoreError } from '../../errors.js';
import { baselineSchema } from './schema.js';
import { baselineVersion, type Baseline } from './types.js';

let compiled: ValidateFunction | null = null;
const validator = (): ValidateFunction => (compiled ??= new Ajv2020({ allErrors: true, discriminator: true, strict: true, strictRequired: false }).compile(baselineSchema));

const shown = 8;

/** Checks a parsed baseline file, named `where` in messages. StoreError that lists what is wrong. */
export function validateBaseline(value: unknown, where: string): Baseline {
  const refuse = (problems: readonly string[]): never => {
    throw new StoreError(`this is no baseline:\n  ${[...problems.slice(0, shown), ...(problems.length > shown ? [`... and ${problems.length - shown} more`] : [])].join('\n  ')}`, {
      where, fix: 'Record it anew: maskbench baseline record NAME RUN --replace', data: { problems: [...problems] },
    });
  };
  const found = typeof value === 'object' && value !== null ? (value as { readonly schema?: unknown }).schema : undefined;
  if (found !== baselineVersion) return refuse([`/schema: this version reads schema ${baselineVersion}, found ${JSON.stringify(found)}`]);
  const check = validator();
  if (!check(value)) {
    return refuse((check.errors ?? []).filter(({ keyword }) => keyword !== 'oneOf' && keyword !== 'anyOf').map(({ instancePath, message, params }) =>
      `${instancePath || '/'}: ${message ?? ''}${'additionalProperty' in params ? ` (${String(params['additionalProperty'])})` : ''}`));
  }
  const baseline = value as Baseline;
  const wrong = baseline.cells.flatMap((cell, at) => problemsOf(baseline, cell).map((problem) => `/cells/${at}${problem}`));
  return wrong.length > 0 ? refuse(wrong) : baseline;
}

/** What no schema can say. */
function problemsOf({ images }: Baseline, { images: hash, perImage }: Baseline['cells'][number]): readonly string[] {
  const own = images[hash];
  if (own === undefined) return [`/images: there are no images "${hash}"`];
  const length = perImage.kind === 'classification' ? Buffer.from(perImage.correct, 'base64').length * 8 : (perImage.kind === 'segmentation' ? perImage.counts : perImage.box).length;
  const right = perImage.kind === 'classification' ? Math.ceil(own.n / 8) * 8 === length : own.n === length;
  return right ? [] : [`/perImage: not of ${own.n} images`];
}
