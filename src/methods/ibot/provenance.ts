import { type Provenance, toldOf } from '../provenance.js';

/** Of the augmentation of a view; `area`: where that of its crop is from. */
const view = (name: string, area: string): Readonly<Record<string, string>> => Object.fromEntries(Object.entries({
  crop_scale: area,
  crop_ratio: 'iBOT\'s code, which leaves it at torchvision\'s.',
  ...toldOf(['interpolation', 'flip', 'color_jitter.probability', 'color_jitter.brightness', 'color_jitter.contrast', 'color_jitter.saturation', 'color_jitter.hue', 'grayscale', 'blur.probability', 'blur.sigma'], 'iBOT\'s code.'),
  solarize: name === 'augment_global_2' ? 'iBOT\'s code.' : 'iBOT\'s code has it in the second large view alone.',
  ...toldOf(['shift', 'margin', 'background'], 'Our choice, in no paper.'),
}).map(([option, sentence]) => [`${name}.${option}`, sentence]));

const large = 'iBOT\'s paper; the command for ViT-S beside iBOT\'s code has 0.25 to 1.';

export const ibotProvenance: Provenance = {
  options: {
    'local_crops.size': 'The rule for other sizes is our choice.',
    ...view('augment_global_1', large),
    ...view('augment_global_2', large),
    ...view('augment_local', 'iBOT\'s paper; the command for ViT-S beside iBOT\'s code has 0.05 to 0.25.'),
    'mask.shape': 'Both are iBOT\'s code\'s.',
    ...toldOf(['loss_weights.cls', 'loss_weights.patch'], '1 in iBOT\'s code and paper.'),
    'teacher_temperature.warmup_epochs': 'That it rises by steps is our choice; in iBOT\'s code it rises by epochs.',
    clip_norm: 'The length is iBOT\'s code\'s, that it is of all together our choice.',
  },
};
