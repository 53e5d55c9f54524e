import { takenOver } from '../mae/taken-over.js';
import type { Provenance } from '../provenance.js';

export const mixedaeProvenance: Provenance = {
  options: {
    topk: 'The selection is from an overview by the authors\' group.',
    ...takenOver(['decoder', 'norm_pix_loss', 'weight_decay'], 'that MixedAE has the same is recalled.'),
    ...takenOver(['base_lr', 'warmup_epochs'], 'MixedAE\'s own was not found, that it has the same is recalled.'),
    ...takenOver(['augment'], 'MixedAE\'s own was not found.'),
  },
  restatement: {
    name: 'MixedAE-style',
    of: 'MixedAE (Chen et al. 2023, arXiv 2303.17152)',
    sources: 'the paper\'s abstract and captions, an overview by its authors\' group, a summary by others, and memory',
    found: [
      'mixing alone makes MAE\'s task easier and transfer worse; to recognise the patches of the same image is the remedy',
      'mixing, attention restricted to homologous patches, segment embeddings, and a homologous contrastive loss beside the reconstruction',
      'images are put into groups at random and mixed at random by a ratio r',
      'the restriction is a TopK selection inside attention; positives of a patch are the patches of its image, negatives the others',
    ],
    recalled: [
      'r = 0.25; one sequence for a group of 1 / r images, as many patches of each',
      'k = r * L; with low confidence all blocks but the first have the selection, and the decoder has none (a constant)',
      'the supervised-contrastive form over cosines of a projector\'s outputs, of two layers; its weight 0.1 and temperature 0.25 with low confidence',
      'each image is decoded on its own by MAE\'s decoder, with the loss on the patches that it did not give, normalised as MAE\'s',
      'AdamW\'s betas 0.9 and 0.95 (a constant) and weight decay 0.05, as MAE\'s',
      'decoder, projector and segment embeddings are dropped afterwards, and attention is ordinary',
    ],
    ours: [
      'batch size, base rate and warm-up were not found; that they are MAE\'s is recalled; augmentation is MAE\'s, its own was not found',
      'the class token\'s part in the selection; one class token for a group, which each of its images is decoded with (a constant)',
      'each head selects for itself, all keys that equal the k-th are selected, and no gradient goes through the selection (constants)',
      'the projector\'s width, and GELU between its layers (a constant)',
      'the contrastive loss is over the patches\' tokens after the final norm, without the class token (a constant)',
      'nothing is done against meeting the contrastive loss by segment embeddings alone',
      'a further way of decoding that an ablation of the paper has is not offered',
    ],
  },
};
