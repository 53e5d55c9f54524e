import { takenOver } from '../mae/taken-over.js';
import type { Provenance } from '../provenance.js';

export const mixedaeProvenance: Provenance = {
  options: {
    topk: 'The selection is from an overview by the authors\' group.',
    ...takenOver(['decoder', 'norm_pix_loss', 'weight_decay'], 'that MixedAE has the same is recalled.'),
    ...takenOver(['base_lr', 'warmup_epochs'], 'MixedAE\'s own was not found, that it has the same is recalled.'),
    ...takenOver(['augment'], 'MixedAE\'s own was not found.'),
  },
};
