import type { Params, ParamSpec } from '../../engine/contract.js';
import type { VitConfig } from '../../models/config.js';
import { fixed, trained, xavierUniform } from '../../models/init.js';
import { decoderParams } from '../../models/mae-decoder.js';
import { vitParams } from '../../models/vit.js';
import type { Clusters, Weights } from '../method.js';
import { startFrom } from '../start.js';
import { clusterSizes } from '../clustering/rows.js';
import type { MoceOptions } from './options.js';
import { expertBlocks } from './plan.js';

const teacher = 'teacher.';

/** Layers of a block's MLP. */
export const mlpLayers = ['fc1', 'fc2'] as const;

const isMlpOf = (blocks: readonly number[]) => {
  const names = new Set(blocks.flatMap((block) => mlpLayers.flatMap((layer) => [`blocks.${block}.mlp.${layer}.weight`, `blocks.${block}.mlp.${layer}.bias`])));
  return (name: string): boolean => names.has(name);
};

/** N copies of a parameter. Biases of all experts together are a matrix, and still do not decay. */
const copies = (spec: ParamSpec, name: string, count: number): ParamSpec => {
  const value = new Float32Array(count * spec.value.length);
  for (let i = 0; i < count; i++) value.set(spec.value, i * spec.value.length);
  return trained(name, [count, ...spec.shape], value, spec.decay);
};

/**
 * Encoder and decoder of MAE with the start's values. In blocks with experts `blocks.i.mlp.fc1` and `.fc2` stay as the start
 * left them: they are the MLP that every expert `blocks.i.mlp.experts.*` [N, ...] begins as, the teacher's own, and what stands
 * for the experts where an encoder without a task is asked for. `blocks.i.mlp.gate.weight` is [N, D]. Fixed besides: `teacher.*`,
 * the start's encoder, where there is a distillation; `centres` [clusters, D] and `cluster_share` [clusters], the share of the
 * images that each cluster has, where the gate takes them (null: it does not).
 */
export function moceParams(model: VitConfig, options: MoceOptions, seed: number, start: Weights | undefined, clusters: Clusters | null): readonly ParamSpec[] {
  const { experts: { count, blocks: which } } = options;
  const blocks = expertBlocks(model.depth, which);
  const isMlp = isMlpOf(blocks);
  const encoder = startFrom(vitParams(model, seed), start);
  const weights = encoder.filter(({ trainable }) => trainable);
  const gates = blocks.map((block) => {
    const [name, shape] = [`blocks.${block}.mlp.gate.weight`, [count, model.width]] as const;
    return trained(name, shape, xavierUniform(name, shape, seed));
  });
  return [
    ...encoder.map((spec) => (isMlp(spec.name) ? { ...spec, trainable: false, decay: false } : spec)),
    ...startFrom(decoderParams(model, options.decoder, seed), start),
    ...weights.filter(({ name }) => isMlp(name)).map((spec) => copies(spec, spec.name.replace('.mlp.', '.mlp.experts.'), count)),
    ...gates,
    ...(options.loss_weights.distillation > 0 ? weights.filter(({ name }) => !isMlp(name)).map(({ name, shape, value }) => fixed(teacher + name, shape, value)) : []),
    ...(clusters === null ? [] : clusterParams(clusters)),
  ];
}

function clusterParams({ centres, assignments }: Clusters): readonly ParamSpec[] {
  const count = centres.shape[0]!;
  return [
    fixed('centres', centres.shape, centres.data),
    fixed('cluster_share', [count], Float32Array.from(clusterSizes(assignments, count), (size) => size / assignments.length)),
  ];
}

/** The start's encoder by plain names. What training leaves as it is has those already. */
export const teacherParams = (params: Params): Params => ({
  ...params,
  ...Object.fromEntries(Object.entries(params).flatMap(([name, value]) => (name.startsWith(teacher) ? [[name.slice(teacher.length), value]] : []))),
});
