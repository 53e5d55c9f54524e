import { add, cast, less, log, max, mean, mul, reshape, softmax, sum, type Tensor } from '@tensorflow/tfjs-core';
import type { VitConfig } from '../../models/config.js';
import type { CurvePoint } from '../../training/curve.js';
import { lateMean } from '../late-mean.js';
import type { Diagnostic } from '../method.js';
import { deadShare } from './gate-table.js';
import { largestOf } from './gate.js';
import type { MoceOptions } from './options.js';
import { expertBlocks } from './plan.js';

const nameOf = (what: 'largest_expert' | 'dead_experts' | 'idle_experts' | 'gate_entropy', block: number): string => `${what}_block${block}`;

/** Beside a probability that may be 0. */
const EPSILON = 1e-30;

/**
 * Of rank 0 each: how a gate routes without noise, as the largest expert's share, the share of the experts that are idle (under 1 / (4 N)) and the
 * mean entropy of the gate in nats; and the share of the experts that are dead, by what they have received up to here.
 *
 * @param logits [U, N]
 * @param shares [U], what each unit counts, together 1
 * @param received [N], of any sum
 */
export function routingStatistics(block: number, logits: Tensor, shares: Tensor, received: Tensor): Readonly<Record<string, Tensor>> {
  const [units, experts] = logits.shape as [number, number];
  const values = softmax(logits);
  const weights = reshape(shares, [units, 1]);
  const loads = sum(mul(largestOf(logits), weights), 0);
  return {
    [nameOf('largest_expert', block)]: max(loads),
    [nameOf('idle_experts', block)]: mean(cast(less(loads, deadShare(experts)), 'float32')),
    [nameOf('dead_experts', block)]: mean(cast(less(received, mul(sum(received), deadShare(experts))), 'float32')),
    [nameOf('gate_entropy', block)]: mul(sum(mul(mul(values, log(add(values, EPSILON))), weights)), -1),
  };
}

/** Losses, and how each block with experts routes. */
export function moceDiagnostics({ depth }: VitConfig, { experts, noise_std: noise, loss_weights: { distillation } }: MoceOptions): readonly Diagnostic[] {
  const blocks = expertBlocks(depth, experts.blocks);
  const loss = (name: string, title: string, label: string): Diagnostic => ({ name: `loss_${name}`, title, label, unit: 'loss' });
  const ofBlocks = (what: Parameters<typeof nameOf>[0], title: string, unit: Diagnostic['unit']): readonly Diagnostic[] =>
    blocks.map((block) => ({ name: nameOf(what, block), title, label: `block ${block}`, unit }));
  return [
    loss('reconstruction', 'Reconstruction loss', 'reconstruction'),
    ...(distillation > 0 ? [loss('distillation', 'Distance from the start', 'distillation')] : []),
    loss('importance', "Losses of the gates' balance", 'importance'),
    ...(noise > 0 ? [loss('load', "Losses of the gates' balance", 'load')] : []),
    loss('confidence', "Loss of the gates' confidence", 'confidence'),
    ...ofBlocks('largest_expert', 'Share of the largest expert', 'share'),
    ...ofBlocks('idle_experts', 'Share of idle experts', 'share'),
    ...ofBlocks('dead_experts', 'Share of dead experts', 'share'),
    ...ofBlocks('gate_entropy', "Entropy of the gates' values", 'nats'),
  ];
}

/**
 * Why a training is no mixture: in its last tenth more than half of a block's experts were dead, by all that they had received, or idle, by where
 * the gate sent the images then. Null where it is one.
 */
export function moceCollapse({ depth }: VitConfig, { experts, gate }: MoceOptions, curve: readonly CurvePoint[]): string | null {
  const few = `under ${(100 * deadShare(experts.count)).toFixed(1)} % of the ${gate === 'token' ? 'tokens' : 'images'}`;
  for (const block of expertBlocks(depth, experts.blocks)) {
    const of = (share: number): string => `${(share * experts.count).toFixed(1)} of the ${experts.count} experts of block ${block}`;
    const lateShare = (what: 'dead_experts' | 'idle_experts'): number => lateMean(curve, nameOf(what, block)) ?? 0;
    const [dead, idle] = [lateShare('dead_experts'), lateShare('idle_experts')];
    if (dead > 0.5) return `${of(dead)} had received ${few} by the last tenth of training`;
    if (idle > 0.5) return `${of(idle)} got ${few} in the last tenth of training, by the gate without its noise`;
  }
  return null;
}
