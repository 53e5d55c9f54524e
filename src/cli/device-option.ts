import { Option } from 'commander';

/** `--device` of the commands that open the engine or set it up. */
export const deviceOption = (): Option =>
  new Option('--device <name>', 'what tensors run on; auto: cuda where an NVIDIA GPU is, else cpu').choices(['auto', 'cpu', 'cuda']);
