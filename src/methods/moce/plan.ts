import type { VitConfig } from '../../models/config.js';
import type { MoceOptions } from './options.js';

/** Blocks with experts, counted from 0, in order. */
export const expertBlocks = (depth: number, blocks: MoceOptions['experts']['blocks']): readonly number[] =>
  (blocks === 'last-two' ? [depth - 2, depth - 1].filter((block) => block >= 0) : [...blocks as readonly number[]].sort((a, b) => a - b));

/** Images of a group that goes through an expert in one product. */
export const groupSize = ({ count, group }: MoceOptions['experts'], batch: number): number =>
  (group === 'auto' ? Math.max(1, Math.floor(batch / (4 * count))) : group);

/**
 * Groups that hold any routing of `units` to experts, `size` of them a group, each group of one expert: an expert with c units
 * fills ceil(c / size) groups. With k experts in use that is most where k groups hold one unit and the rest are full, and
 * it grows with k.
 */
export function groupCount(units: number, experts: number, size: number): number {
  const used = Math.min(experts, units);
  return Math.floor((units - used) / size) + used;
}

/** How the rows of a batch go through the experts. */
export interface DispatchShape {
  /** What is routed as one: images, or tokens. */
  readonly units: number;
  /** Tokens of a unit. */
  readonly rows: number;
  /** Units of a group. */
  readonly size: number;
  readonly groups: number;
}

/** tokens: of an image. A group of tokens has as many rows as one of images. */
export function dispatchShape({ experts, gate }: Pick<MoceOptions, 'experts' | 'gate'>, batch: number, tokens: number): DispatchShape {
  const images = groupSize(experts, batch);
  const [units, rows, size] = gate === 'token' ? [batch * tokens, 1, images * tokens] : [batch, tokens, images];
  return { units, rows, size, groups: groupCount(units, experts.count, size) };
}

/**
 * Multiply-adds of one image in the experts beyond those of the MLPs in their place, and in the gates; forward. The first
 * are those of the rows that fill groups up: with N = 8 and groups of batch / (4 N) images 22 % of the experts' rows, with
 * groups of one image none.
 */
export function expertMacs(model: VitConfig, options: Pick<MoceOptions, 'experts' | 'gate'>, tokens: number, batch: number): number {
  const { experts, gate } = options;
  const { units, size, groups } = dispatchShape(options, batch, tokens);
  const padding = (groups * size) / units - 1;
  const mlp = tokens * 2 * model.width * Math.trunc(model.width * model.mlpRatio);
  const gates = (gate === 'token' ? tokens : 1) * model.width * experts.count;
  return expertBlocks(model.depth, experts.blocks).length * (padding * mlp + gates);
}
