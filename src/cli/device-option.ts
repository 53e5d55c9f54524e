import { Option } from 'commander';

/** `--device` of the commands that open the engine or set it up. */
export const deviceOption = (description = 'what tensors run on (else MASKBENCH_DEVICE, else auto)'): Option =>
  new Option('--device <name>', `${description}; auto: cuda where an NVIDIA GPU is, else cpu`).choices(['auto', 'cpu', 'cuda']);
