import { checkpoint } from './checkpoint/spec.js';
import { ibotProvenance } from './ibot/provenance.js';
import { ibot } from './ibot/spec.js';
import { mae } from './mae/spec.js';
import type { MethodSpec } from './method.js';
import { mixedaeProvenance } from './mixedae/provenance.js';
import { mixedae } from './mixedae/spec.js';
import { moceProvenance } from './moce/provenance.js';
import { moce } from './moce/spec.js';
import { withProvenance } from './provenance.js';
import { scratch } from './scratch/spec.js';

/** Every method by name. Specs load no tensors. */
export const methods: Readonly<Record<string, MethodSpec>> = {
  scratch, checkpoint, mae, moce: withProvenance(moce, moceProvenance), mixedae: withProvenance(mixedae, mixedaeProvenance), ibot: withProvenance(ibot, ibotProvenance),
};
