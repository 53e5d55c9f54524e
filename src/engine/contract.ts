import type { Tensor } from '@tensorflow/tfjs-core';

/**
 * The contract of `engine.compile`, the same for the traced and the eager engine.
 *
 * A function of a compiled model is a pure function of (parameters, inputs, scalars), of static shape. All randomness is
 * drawn on the host and comes in as an input. Inside a body there is no host read (`dataSync`, `data`, `arraySync`...), no
 * branch on a value, no random op, no draw of src/random.ts, no tensor or array captured from outside, no undeclared input.
 * Each of these is refused with a StepError that names the function and what to do; a number, list or flag of the caller that
 * changes is refused at the function's second run.
 *
 * Bodies use functional ops of `@tensorflow/tfjs-core` (and `src/models`), never chained ones.
 */

/** `uint8` inputs reach the body as float32 tensors with values 0..255; `float32` and `int32` as they are. */
export type InputType = 'uint8' | 'float32' | 'int32';
export interface InputSpec { readonly shape: readonly number[]; readonly type: InputType }

export interface ParamSpec {
  /** timm / PyTorch name: `blocks.0.attn.qkv.weight`. PyTorch layout: Linear weights are [out, in]. */
  readonly name: string;
  readonly shape: readonly number[];
  /** Initial value, row-major. */
  readonly value: Float32Array;
  /** false: never changed by `train` (fixed sin-cos positions, a frozen encoder, batch-norm constants). */
  readonly trainable: boolean;
  /** Whether weight decay applies (design: not to biases and 1-D parameters). */
  readonly decay: boolean;
  /** Factor on the learning rate (layer-wise lr decay). 1 when there is none. */
  readonly lrScale: number;
  /** For a parameter that is not trained: what it averages (a momentum teacher). */
  readonly ema?: MovingAverage;
}

/**
 * Exponential moving average, after every update of a `train` function: `p = momentum * p + (1 - momentum) * other`, with
 * `other` as the update has left it. Bodies read what the update before has left.
 */
export interface MovingAverage {
  /** Name of a trainable parameter of the same shape. */
  readonly of: string;
  /** In [0, 1], or the name of a scalar that every train function declares (a schedule). */
  readonly momentum: number | string;
}

/**
 * AdamW as PyTorch defines it: decoupled decay `p -= lr * lrScale * weightDecay * p` first, then the Adam update with
 * bias correction and epsilon outside the corrected square root. Gradients are clipped by global L2 norm first when
 * `clipNorm` is given (torch.nn.utils.clip_grad_norm_).
 */
export interface AdamW {
  readonly kind: 'adamw';
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly clipNorm?: number;
}

export type Params = Readonly<Record<string, Tensor>>;
export type Inputs = Readonly<Record<string, Tensor>>;
/** Rank-0 float32 tensors, one per declared scalar. */
export type Scalars = Readonly<Record<string, Tensor>>;
export interface BodyArguments { readonly params: Params; readonly inputs: Inputs; readonly scalars: Scalars }

/**
 * `train`: the body returns a rank-0 `loss` and further outputs to fetch; one call is one optimiser step on the trainable
 * parameters. It has two scalars of its own besides the declared ones: `lr` and `weight_decay`, fed at every call.
 * `evaluate`: the body returns outputs; parameters stay as they are.
 */
export type FunctionSpec =
  | {
      readonly kind: 'train';
      readonly inputs: Readonly<Record<string, InputSpec>>;
      readonly scalars: readonly string[];
      readonly body: (args: BodyArguments) => { readonly loss: Tensor } & Readonly<Record<string, Tensor>>;
    }
  | {
      readonly kind: 'evaluate';
      readonly inputs: Readonly<Record<string, InputSpec>>;
      readonly scalars: readonly string[];
      readonly body: (args: BodyArguments) => Readonly<Record<string, Tensor>>;
    };

/**
 * Number format of matrix products. `bf16`: factors and results are rounded to bfloat16, sums inside a product and
 * everything else (parameters, updates, norms, softmax, losses) are float32.
 */
export type Precision = 'f32' | 'bf16';

export interface CompileSpec {
  readonly params: readonly ParamSpec[];
  /** Where it is left out, the precision that the engine was opened with. */
  readonly precision?: Precision;
  /** Needed where a function of kind `train` is given. */
  readonly optimizer?: AdamW;
  readonly functions: Readonly<Record<string, FunctionSpec>>;
}

export type HostArray = Float32Array | Int32Array | Uint8Array;
export interface HostTensor { readonly shape: readonly number[]; readonly data: Float32Array | Int32Array }

/** Everything that a checkpoint needs to go on bit-equal. `m` and `v` hold one array per trainable parameter. */
export interface OptimizerState {
  readonly step: number;
  readonly m: ReadonlyMap<string, Float32Array>;
  readonly v: ReadonlyMap<string, Float32Array>;
}

export interface Compiled {
  /**
   * Runs one function once. Every declared input and scalar must be given, and nothing else (StepError); arrays have the
   * length that the declared shape needs. Returns every output, read to the host.
   */
  run(name: string, inputs: Readonly<Record<string, HostArray>>, scalars?: Readonly<Record<string, number>>): Readonly<Record<string, HostTensor>>;
  /** Current values of all parameters, copied. */
  readParams(): ReadonlyMap<string, Float32Array>;
  /** Sets parameters by name (a subset is fine); a wrong name or length is a StepError. */
  writeParams(values: ReadonlyMap<string, Float32Array>): void;
  readOptimizer(): OptimizerState;
  writeOptimizer(state: OptimizerState): void;
  /** Parameters back to their `value`, optimiser state to zero: one compiled model serves many runs of the same shape. */
  reset(values?: ReadonlyMap<string, Float32Array>): void;
  dispose(): void;
}

/** The GPU of an engine; null where the driver does not tell. */
export interface GpuFacts {
  /** Driver version. */
  readonly driver: string | null;
  readonly memoryBytes: number | null;
  /** For example 9.0 (Hopper). */
  readonly computeCapability: string | null;
  /** Whether float32 products run as TF32 (10 bits of mantissa): TensorFlow's default since Ampere; NVIDIA_TF32_OVERRIDE=0 turns it off. */
  readonly tf32: boolean | null;
  /** Whether XLA compiles clusters of the graph: TF_XLA_FLAGS=--tf_xla_auto_jit=2 turns it on. */
  readonly xla: boolean;
}

export interface EngineInfo {
  readonly name: 'tensorflow';
  readonly mode: 'eager' | 'traced';
  /** What is compiled without a precision of its own. */
  readonly precision: Precision;
  readonly device: 'cpu' | 'cuda';
  /** CPU or GPU model name. */
  readonly deviceName: string;
  /** Present with the device cuda. */
  readonly gpu?: GpuFacts;
  /** TensorFlow's version, for example 2.21.0. */
  readonly runtime: string;
  readonly tfjs: string;
  readonly node: string;
  /** Their product is what was asked for: a traced step on a CPU has them beside each other, a piece of the batch each (`interOp`), else they share each operation (`intraOp`). The first engine of a process decides. */
  readonly threads: { readonly intraOp: number; readonly interOp: number };
  readonly oneDnn: boolean;
}

export interface Engine {
  readonly info: EngineInfo;
  compile(spec: CompileSpec): Compiled;
  /** Number of live tensors, for leak checks. */
  liveTensors(): number;
}

export interface EngineOptions {
  /** Threads of this process (traced on a CPU: pieces of the batch beside each other, inter-op, each operation on one; else intra-op). Must be set before the addon loads. Default 1. */
  readonly threads: number;
  /** Default `traced`. `eager` runs op by op: what tracing is compared with. */
  readonly mode?: EngineInfo['mode'];
  /**
   * Default: the environment variable MASKBENCH_DEVICE, else `auto`: cuda where an NVIDIA GPU is to be seen, else cpu.
   * EngineError where cuda is meant and TensorFlow would compute on the CPU.
   */
  readonly device?: 'auto' | EngineInfo['device'] | undefined;
  /** Default f32. EngineError for bf16 in eager mode, and on a CPU without its instructions or with oneDNN off. */
  readonly precision?: Precision;
}

/** Signature of `openEngine` in engine/index.ts: sets the runtime up when needed, loads the addon once a process. */
export type OpenEngine = (options: EngineOptions) => Promise<Engine>;
