import { takenOver } from '../mae/taken-over.js';
import type { Provenance } from '../provenance.js';

export const moceProvenance: Provenance = {
  options: {
    'experts.group': 'Our choice.',
    gate: 'That it is the cluster, and TokenMoE what it is compared with, is from a caption of the paper; the softmax and that one expert is chosen are recalled.',
    'clusters.algorithm': 'That it is Sinkhorn-Knopp, for clusters of equal size, is recalled, its loop SwAV\'s; the others are our choice.',
    'loss_weights.importance': 'MoCE\'s weight was not found.',
    'loss_weights.load': 'Neither MoCE\'s weight was found nor whether it keeps this loss.',
    'loss_weights.confidence': 'That a loss asks for clear choices is from an overview by the authors\' group; its form is recalled, its weight our choice.',
    'loss_weights.distillation': 'That there is such a loss is recalled, as the squared length of the difference; that it is a mean, and over which tokens, is our reading, its weight our choice.',
    'search.mode': 'The default is our choice; cluster is recalled, and nearer to an overview by the authors\' group.',
    'search.rank': 'Our choice, for the oracle.',
    'search.expert': 'Our choice.',
    ...takenOver(['mask_ratio', 'decoder', 'norm_pix_loss', 'base_lr', 'warmup_epochs', 'weight_decay', 'augment'], 'MoCE\'s own was not found.'),
  },
};
