import type { VitConfig } from '../../models/config.js';
import type { Diagnostic } from '../method.js';
import type { MixedaeOptions } from './options.js';
import { mixPlan } from './plan.js';

export const shareName = (block: number): string => `topk_accuracy_block${block}`;

/**
 * Recognition is what lies above this: of the k keys of a patch that always selects itself, and else any, (own - 1) / (L - 1) of
 * the others are of its image.
 */
function chanceNote(keys: number, own: number, images: number): string {
  const withItself = (1 + ((keys - 1) * (own - 1)) / (images * own - 1)) / keys;
  return `By chance ${withItself.toFixed(2)}, where a patch always selects itself, and ${(1 / images).toFixed(2)}, where it is one like the others.`;
}

/** Both losses, where there are two, and how well each block with a selection recognises. */
export function mixedaeDiagnostics(model: VitConfig, options: MixedaeOptions): readonly Diagnostic[] {
  const { images, own, topk, projector } = mixPlan(model, options);
  return [
    ...(projector === null ? [] : [
      { name: 'loss_reconstruction', title: 'Reconstruction loss', label: 'reconstruction', unit: 'loss' },
      { name: 'loss_contrastive', title: 'Homologous contrastive loss', label: 'contrastive', unit: 'loss' },
    ] as const),
    ...(topk?.blocks ?? []).map((block) => ({ name: shareName(block), title: 'TopK accuracy', label: `block ${block}`, unit: 'share', note: chanceNote(topk!.keys, own, images) } as const)),
  ];
}
