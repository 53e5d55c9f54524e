import { methods } from '../../src/methods/index.js';
import type { MethodSpec } from '../../src/methods/method.js';

/** Puts the method of fixture/planted.mjs among the methods of this process. */
export async function plant(): Promise<MethodSpec> {
  const { plantedSpec } = (await import(new URL('fixture/planted.mjs', import.meta.url).href)) as { readonly plantedSpec: (mae: MethodSpec) => MethodSpec };
  const spec = plantedSpec(methods['mae']!);
  (methods as Record<string, MethodSpec>)['planted'] = spec;
  return spec;
}

/** Takes it away again: test files of one process share the registry. */
export function unplant(): void {
  delete (methods as Record<string, MethodSpec>)['planted'];
}

/** MAE's options, small enough for tests, with every default filled in. */
export const smallMae = {
  mask_ratio: 0.5, decoder: { width: 16, depth: 1, heads: 2 }, norm_pix_loss: true, base_lr: 0.02, warmup_epochs: 1, weight_decay: 0.05,
  augment: { crop_scale: [0.5, 1], crop_ratio: [0.75, 1.3333], interpolation: 'bicubic', flip: 0.5, shift: 0, margin: 0, background: 'white' },
};
