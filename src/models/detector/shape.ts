import type { VitConfig } from '../config.js';
import type { SimpleLevel } from '../pyramid.js';
import { anchorCounts, type Level } from './anchors.js';
import type { RegionRule } from './assign.js';
import type { ProposalRule } from './proposals.js';
import type { BoxStage } from './stages.js';

/** Everything that a detector's network depends on, but for its values. */
export interface DetectorShape {
  /** The encoder, its image size being that of the pictures. */
  readonly model: VitConfig;
  readonly classes: number;
  readonly stages: readonly BoxStage[];
  /** Maps of the pyramid, finest first, none left out between two. */
  readonly levels: readonly SimpleLevel[];
  /** Sides of a level's square anchor, in cells of its map. */
  readonly anchorCells: number;
  /** Of every map. */
  readonly channels: number;
  /** Values a side of a region as the box heads see it. */
  readonly boxCells: number;
  /** Width of the box heads' layers. */
  readonly hidden: number;
  /** null: no object has a mask. */
  readonly mask: MaskShape | null;
}

interface MaskShape {
  /** Values a side of a predicted mask; even. */
  readonly side: number;
  readonly convolutions: number;
}

export const levelsOf = ({ model, levels, anchorCells }: Pick<DetectorShape, 'model' | 'levels' | 'anchorCells'>): readonly Level[] => levels.map((level) => {
  const stride = model.patchSize * 2 ** (level - 2);
  return { stride, side: Math.floor(model.imageSize / stride), anchor: anchorCells * stride };
});

/** How many proposals are looked at and leave. */
export interface ProposalCounts { readonly perLevel: number; readonly count: number }

/** Of a level's boxes that overlap by more than this the surer one is a proposal (Faster R-CNN). */
const proposalIou = 0.7;

export const proposalRule = ({ perLevel, count }: ProposalCounts): ProposalRule => ({ perLevel, count, iou: proposalIou });

/** Share of regions with an object among those that a step learns from, at most (Fast R-CNN). */
const foregroundShare = 0.25;

export const regionRule = (count: number, { iou }: BoxStage): RegionRule => ({ count, foreground: Math.max(1, Math.round(count * foregroundShare)), iou });

export const anchorCount = (shape: DetectorShape): number => anchorCounts(levelsOf(shape)).reduce((sum, count) => sum + count, 0);
