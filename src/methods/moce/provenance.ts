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
  restatement: {
    name: 'MoCE-style',
    of: 'MoCE (Liu et al. 2023, arXiv 2402.05382)',
    sources: 'the paper\'s abstract and captions, an overview by its authors\' group, the code of V-MoE and SwAV, and memory',
    found: [
      'an MAE in which several expert MLPs take the place of the one in some blocks, behind a gate that sees the embedding of the image\'s cluster and not the token',
      'all pre-training images are clustered with an MAE that is already trained, and each expert is trained on related clusters',
      'two further losses, to keep the training stable and the gate sure',
      'a task takes the expert of the cluster that is nearest to its images; the others are dropped, so that an ordinary ViT is transferred',
      'importance and load as V-MoE has them, with noise of deviation 1 / N before the softmax (V-MoE\'s code), and SwAV\'s loop of Sinkhorn-Knopp (its code)',
    ],
    recalled: [
      '256 clusters of equal size by Sinkhorn-Knopp, SwAV\'s epsilon, iterations and temperature',
      'N = 8 experts, each a copy of the ordinary MLP, in two blocks near the end, with low confidence the last two; the decoder is MAE\'s',
      'the form of the gate: a softmax of a linear map of the centre, noise in training only, top-1 (a constant), the gate\'s value as a factor',
      'the features that are clustered are made length 1 (a constant)',
      'which the two further losses are: a clear choice, as minus the squared coefficient of variation of an image\'s gate values, and the distance from the start\'s output',
      'that training goes on from an MAE of all data, with low confidence',
    ],
    ours: [
      'batch size, rate, warm-up, weight decay, mask ratio, augmentation and AdamW\'s betas 0.9 and 0.95 (a constant): not found, MAE\'s in their place; the length is the suite\'s',
      'the weights of all losses but the reconstruction; whether MoCE keeps the load loss was not found',
      'what of an image is clustered, the features\' mean taken from them, how centres are learnt and the last assignment made',
      'one draw of noise for each cluster, block and step (a constant), so that the images of a cluster have one expert',
      'the distance from the start is over the class token and the visible patches\' tokens after the final norm, a mean, not a sum, and the teacher sees the same masked input (constants)',
      'batches with of each cluster what its size asks for, and room for any routing (constants)',
      'how a task\'s images vote, each block for itself; the factor that the gate leaves in the expert; when an expert is dead (under 1/(4N) of the images, a constant)',
    ],
  },
};
