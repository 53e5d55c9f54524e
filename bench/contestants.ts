import type { Precision } from '../src/engine/contract.js';

/** One way to run a step. All of them run the same cases. */
export type Contestant =
  | {
      readonly name: string;
      readonly kind: 'engine';
      readonly mode: 'eager' | 'traced';
      readonly precision: Precision;
      /** Environment of its process, for switches of the runtime. */
      readonly environment?: Readonly<Record<string, string>>;
    }
  | { readonly name: string; readonly kind: 'pytorch'; readonly compile: boolean; readonly precision: Precision };

const traced: Contestant = { name: 'traced', kind: 'engine', mode: 'traced', precision: 'f32' };
const tracedBf16: Contestant = { name: 'traced bf16', kind: 'engine', mode: 'traced', precision: 'bf16' };

export const contestants: readonly Contestant[] = [
  { name: 'eager', kind: 'engine', mode: 'eager', precision: 'f32' },
  traced,
  { name: 'pytorch', kind: 'pytorch', compile: false, precision: 'f32' },
  { name: 'pytorch compile', kind: 'pytorch', compile: true, precision: 'f32' },
  tracedBf16,
  { name: 'pytorch bf16', kind: 'pytorch', compile: false, precision: 'bf16' },
  { name: 'pytorch compile bf16', kind: 'pytorch', compile: true, precision: 'bf16' },
];

/** Switches of the runtime that might make a traced step faster, each in a process of its own, beside `traced` without any. */
export const switched: readonly Contestant[] = [
  traced,
  { ...traced, name: 'traced, XLA', environment: { TF_XLA_FLAGS: '--tf_xla_auto_jit=2 --tf_xla_cpu_global_jit' } },
  { ...traced, name: 'traced, auto mixed precision', environment: { TF_ENABLE_AUTO_MIXED_PRECISION: '1' } },
  { ...traced, name: 'traced, oneDNN fpmath bf16', environment: { ONEDNN_DEFAULT_FPMATH_MODE: 'BF16' } },
  { ...traced, name: 'traced, without oneDNN', environment: { TF_ENABLE_ONEDNN_OPTS: '0' } },
];

/** A ratio of two contestants' speeds that the project sets itself an aim for. */
export interface Pair {
  readonly faster: string;
  readonly than: readonly string[];
  /** Least ratio at the quick size and at the sizes of 224 pixels; null: none is set. */
  readonly aim: { readonly quick: number | null; readonly large: number | null };
}

/** `than` with several names: the fastest of them. */
export const pairs: readonly Pair[] = [
  { faster: 'traced', than: ['eager'], aim: { quick: 2, large: 2 } },
  { faster: 'traced', than: ['pytorch'], aim: { quick: 2, large: 1.2 } },
  { faster: 'traced', than: ['pytorch compile'], aim: { quick: 1, large: 1 } },
  { faster: 'traced bf16', than: ['traced'], aim: { quick: 1.35, large: 1.35 } },
  { faster: 'traced bf16', than: ['pytorch bf16', 'pytorch compile bf16'], aim: { quick: 1.2, large: 1.2 } },
];
