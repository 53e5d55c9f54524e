import type { EngineInfo } from '../src/engine/contract.js';
import type { Case } from './cases.js';
import { XLA_FLAG } from '../src/engine/runtime/index.js';

export type Device = EngineInfo['device'];

/** What matrix products of float32 factors are computed in. `tf32` is on GPUs alone, and their default; on a CPU `f32` is. */
export type Products = 'f32' | 'tf32' | 'bf16';

/** One way to run a step. All of them run the same cases. */
export type Contestant =
  | {
      readonly name: string;
      readonly kind: 'engine';
      readonly mode: 'eager' | 'traced';
      readonly products: Products;
      /** Environment of its process, for switches of the runtime. */
      readonly environment?: Readonly<Record<string, string>>;
    }
  | { readonly name: string; readonly kind: 'pytorch'; readonly compile: boolean; readonly products: Products };

const traced: Contestant = { name: 'traced', kind: 'engine', mode: 'traced', products: 'f32' };

const onCpu: readonly Contestant[] = [
  { name: 'eager', kind: 'engine', mode: 'eager', products: 'f32' },
  traced,
  { name: 'pytorch', kind: 'pytorch', compile: false, products: 'f32' },
  { name: 'pytorch compile', kind: 'pytorch', compile: true, products: 'f32' },
  { ...traced, name: 'traced bf16', products: 'bf16' },
  { name: 'pytorch bf16', kind: 'pytorch', compile: false, products: 'bf16' },
  { name: 'pytorch compile bf16', kind: 'pytorch', compile: true, products: 'bf16' },
];

const products: readonly Products[] = ['f32', 'tf32', 'bf16'];

/** In every number format; the first is what the others are checked by. Eager is left out: op by op, ViT-B does not fit. */
const onGpu: readonly Contestant[] = [
  ...products.map((format): Contestant => ({ ...traced, name: `traced ${format}`, products: format })),
  ...(['tf32', 'bf16'] as const).map((format): Contestant => ({ ...traced, name: `traced ${format}, XLA`, products: format, environment: { TF_XLA_FLAGS: XLA_FLAG } })),
  ...[false, true].flatMap((compile) => products.map((format): Contestant => ({ name: `pytorch ${compile ? 'compile ' : ''}${format}`, kind: 'pytorch', compile, products: format }))),
];

export const contestantsOn = (device: Device): readonly Contestant[] => (device === 'cpu' ? onCpu : onGpu);

/** Of the contestants on a CPU: whoever has a ratio that is asked for shares one. */
const largeSittings: readonly (readonly string[])[] = [
  ['eager', 'traced'],
  ['traced', 'pytorch', 'pytorch compile'],
  ['traced', 'traced bf16', 'pytorch bf16', 'pytorch compile bf16'],
];

/**
 * Who runs in turns with whom. All together, where memory holds them; of a large case as many as have a ratio in common, so that
 * every ratio is one of turns; on a GPU, whose memory holds one, each by itself.
 */
export function sittingsOf(device: Device, { large }: Pick<Case, 'large'>, contestants: readonly Contestant[]): readonly (readonly Contestant[])[] {
  if (device === 'cuda') return contestants.map((contestant) => [contestant]);
  if (large !== true) return [contestants];
  return largeSittings.map((names) => contestants.filter(({ name }) => names.includes(name)));
}

/** The engine as it comes. */
export const tracedOn = (device: Device): Contestant => (device === 'cpu' ? traced : { ...traced, products: 'tf32' });

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

const pairsOnCpu: readonly Pair[] = [
  { faster: 'traced', than: ['eager'], aim: { quick: 2, large: 2 } },
  { faster: 'traced', than: ['pytorch'], aim: { quick: 2, large: 1.2 } },
  { faster: 'traced', than: ['pytorch compile'], aim: { quick: 1, large: 1 } },
  { faster: 'traced bf16', than: ['traced'], aim: { quick: 1.35, large: 1.35 } },
  { faster: 'traced bf16', than: ['pytorch bf16', 'pytorch compile bf16'], aim: { quick: 1.2, large: 1.2 } },
];

const pairsOnGpu: readonly Pair[] = [
  ...['traced bf16', 'traced bf16, XLA'].map((faster): Pair => ({ faster, than: ['pytorch compile bf16'], aim: { quick: null, large: 1 } })),
  ...['traced tf32', 'traced tf32, XLA'].map((faster): Pair => ({ faster, than: ['pytorch compile tf32'], aim: { quick: null, large: null } })),
  { faster: 'traced bf16', than: ['pytorch bf16'], aim: { quick: null, large: null } },
  { faster: 'traced f32', than: ['pytorch f32', 'pytorch compile f32'], aim: { quick: null, large: null } },
  { faster: 'traced bf16', than: ['traced tf32'], aim: { quick: null, large: null } },
];

/** `than` with several names: the fastest of them. */
export const pairsOn = (device: Device): readonly Pair[] => (device === 'cpu' ? pairsOnCpu : pairsOnGpu);
