import type { VitConfig } from '../../models/config.js';
import type { Diagnostic } from '../method.js';
import type { MixedaeOptions } from './options.js';
import { mixPlan } from './plan.js';

export const shareName = (block: number): string => `topk_accuracy_block${block}`;

/** Both losses, where there are two, and how well each block with a selection recognises. */
export function mixedaeDiagnostics(model: VitConfig, options: MixedaeOptions): readonly Diagnostic[] {
  const { topk, projector } = mixPlan(model, options);
  return [
    ...(projector === null ? [] : [
      { name: 'loss_reconstruction', title: 'Reconstruction loss', label: 'reconstruction', unit: 'loss' },
      { name: 'loss_contrastive', title: 'Homologous contrastive loss', label: 'contrastive', unit: 'loss' },
    ] as const),
    ...(topk?.blocks ?? []).map((block) => ({ name: shareName(block), title: 'TopK accuracy', label: `block ${block}`, unit: 'share' } as const)),
  ];
}
