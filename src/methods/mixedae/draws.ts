import { type Arrays, type StepDraws, stepDraws } from '../../data/loader/index.js';
import { drawMix } from '../group-masks.js';

interface MixDraws { readonly groups: number; readonly patches: number; readonly images: number; readonly seed: number }

export const drawStep = ({ groups, patches, images, seed }: MixDraws, step: number): Arrays => ({ ...drawMix(groups, patches, images, seed, step) });

/** The mixing of every step. */
export const mixDraws = (args: MixDraws): StepDraws => stepDraws(import.meta.url, drawStep, args);
