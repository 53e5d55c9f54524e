import { knn } from './knn/spec.js';
import { linear } from './linear/spec.js';
import type { ProtocolSpec } from './protocol.js';

/** Every protocol by name. Importing this loads no tensors. */
export const protocols: Readonly<Record<string, ProtocolSpec>> = { linear, knn };
