import { checkpoint } from './checkpoint/spec.js';
import { ibot } from './ibot/spec.js';
import { mae } from './mae/spec.js';
import type { MethodSpec } from './method.js';
import { mixedae } from './mixedae/spec.js';
import { moce } from './moce/spec.js';
import { scratch } from './scratch/spec.js';

/** Every method by name. Specs load no tensors. */
export const methods: Readonly<Record<string, MethodSpec>> = { scratch, checkpoint, mae, moce, mixedae, ibot };
