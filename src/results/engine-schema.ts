import type { FromSchema } from 'json-schema-to-ts';

const text = { type: 'string' } as const;
const known = { type: ['string', 'null'] } as const;
const threads = { type: 'integer', minimum: 1 } as const;
const bytes = { type: 'integer', minimum: 0 } as const;

/**
 * What a job's tensors ran on, as the engine found it after it had opened (EngineUse of engine/opened.ts; a type test holds
 * the two together). A result says cuda only with the facts of a GPU, and cpu only without.
 */
export const engineSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['name', 'mode', 'precision', 'device', 'deviceName', 'runtime', 'tfjs', 'node', 'threads', 'oneDnn'],
  properties: {
    name: { const: 'tensorflow' },
    mode: { enum: ['eager', 'traced'] },
    precision: { enum: ['f32', 'bf16'], description: 'Of matrix products, where a model has none of its own.' },
    device: { enum: ['cpu', 'cuda'] },
    deviceName: { ...text, description: 'Model of the CPU or GPU.' },
    gpu: {
      type: 'object',
      description: 'null: the driver does not tell.',
      additionalProperties: false,
      required: ['driver', 'memoryBytes', 'computeCapability', 'tf32', 'xla'],
      properties: {
        driver: known,
        memoryBytes: { type: ['integer', 'null'], minimum: 0 },
        computeCapability: known,
        tf32: { type: ['boolean', 'null'], description: 'Whether float32 products run as TF32.' },
        xla: { type: 'boolean', description: 'Whether XLA compiles clusters of the graph (TF_XLA_FLAGS).' },
      },
    },
    runtime: { ...text, description: "TensorFlow's version, as the loaded library says it." },
    tfjs: text,
    node: text,
    threads: { type: 'object', additionalProperties: false, required: ['intraOp', 'interOp'], properties: { intraOp: threads, interOp: threads } },
    oneDnn: { type: 'boolean' },
    peakDeviceMemory: {
      type: ['object', 'null'],
      description: "Highest use of the GPU's memory by the worker process so far; of the whole GPU where processes cannot be told apart. null: the driver does not tell.",
      additionalProperties: false,
      required: ['bytes', 'of'],
      properties: { bytes, of: { enum: ['process', 'device'] } },
    },
  },
  if: { type: 'object', properties: { device: { const: 'cuda' } } },
  then: { required: ['gpu', 'peakDeviceMemory'] },
  else: { properties: { gpu: false, peakDeviceMemory: false } },
} as const;

export type EngineFacts = FromSchema<typeof engineSchema>;
