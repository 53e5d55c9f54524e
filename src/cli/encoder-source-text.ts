import type { EncoderSource, TensorGroup } from '../methods/method.js';

/** Groups that are alike in one respect, in the order in which they come: the respect, then their names with counts. */
function alike(groups: readonly TensorGroup[], respect: 'use' | 'reason'): readonly { readonly first: TensorGroup; readonly names: string }[] {
  const different = [...new Set(groups.map((group) => group[respect]))];
  return different.map((value) => {
    const own = groups.filter((group) => group[respect] === value);
    return { first: own[0]!, names: own.map(({ name, tensors }) => `${name} (${tensors})`).join(', ') };
  });
}

/** One line: `x.safetensors: 52 tensors taken; passed over: head.* (2)`. */
export const encoderSourceLine = ({ file, taken, exceptions }: EncoderSource): string =>
  [`${file}: ${taken} tensors taken`, ...alike(exceptions, 'use').map(({ first, names }) => `${first.use}: ${names}`)].join('; ');

/** Lines with the reasons, for the plan. */
export const encoderSourceLines = (entry: string, { file, taken, exceptions }: EncoderSource): readonly string[] => [
  `${entry}: ${file}`,
  `  ${taken} tensors taken${exceptions.length === 0 ? ', all that the file has' : ''}`,
  ...alike(exceptions, 'reason').flatMap(({ first, names }) => [`  ${first.use}: ${names}`, `    ${first.reason}`]),
];
