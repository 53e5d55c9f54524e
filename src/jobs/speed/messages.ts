import type { EngineFacts } from '../../results/engine-schema.js';
import type { SpeedConfig, SpeedEntry } from '../configs.js';
import type { Turn } from './rounds.js';

/** What a contestant's process is started with, as JSON. */
export interface Contestant {
  readonly config: SpeedConfig;
  readonly entry: SpeedEntry;
  /** Images a step: what was asked for, or less where that does not fit. */
  readonly batch: number;
  readonly threads: number;
  /** Folder of the prepared images. */
  readonly data: string;
}

export type Request = { readonly do: 'turn' } | { readonly do: 'end' };

/** `ready`: unasked, once the model is compiled and has done its first steps. `images`: hash of the ids of its first images; `device`: what computes. */
export type Answer =
  | { readonly say: 'ready'; readonly parameters: number; readonly images: string; readonly device: EngineFacts['device'] }
  | { readonly say: 'turn'; readonly turn: Turn }
  | { readonly say: 'end'; readonly peakMemoryBytes: number; readonly engine: EngineFacts }
  | { readonly say: 'failed'; readonly message: string };
