import type { Side } from '../image-set.js';
import { CIFAR100_SENSES } from './cifar100-senses.js';
import { EMOJI_SENSES } from './emoji-senses.js';
import { sideOfSense } from './sides.js';

/** Why a label lies on its side. */
export interface SideReason { readonly label: string; readonly sense: string | null; readonly side: Side | null; readonly reason: string }

const TABLES: Readonly<Record<string, readonly (readonly [label: string, sense: string | null, reason: string])[]>> = { emoji: EMOJI_SENSES, cifar100: CIFAR100_SENSES };

/** The committed sense table of a source, with the side that each sense leads to; empty for a source that has none. */
export const reasonsOf = (source: string): readonly SideReason[] =>
  (TABLES[source] ?? []).map(([label, sense, reason]) => ({ label, sense, side: sense === null ? null : sideOfSense(sense), reason }));
