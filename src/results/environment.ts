import { canonicalJson } from '../files.js';
import type { Environment } from './types.js';

/** What tells environments apart, as text: not what each job measured for itself. */
export const environmentIdentity = ({ engine, ...machine }: Environment): string =>
  canonicalJson({ ...machine, engine: engine === null ? null : { ...engine, peakDeviceMemory: null } });
