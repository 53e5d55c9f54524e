import { mapInParallel } from '../each-in-parallel.js';
import type { Concept } from './concepts.js';
import { usesOf } from './downstream.js';
import type { Removed } from './duplicates.js';
import { findDuplicates, findNearDownstream, type Hashed } from './find-duplicates.js';
import { icon } from './icons.js';
import { HASH_RENDER, perceptualHash } from './perceptual-hash.js';
import { drawnAtOnce, rasterise } from './raster.js';
import { FAMILIES, FAMILY_OF } from './sets.js';

/** Renders and hashes every drawing, in the order of FAMILIES: where two artists drew the same, the first one's stays. */
export async function hashedDrawings(concepts: readonly Concept[]): Promise<readonly Hashed[]> {
  const drawings = concepts.flatMap(({ code, drawings }) => drawings.map(({ set, icon: name }) => ({ id: `${set}/${code}`, set, family: FAMILY_OF[set], name })));
  drawings.sort((a, b) => FAMILIES.indexOf(a.family) - FAMILIES.indexOf(b.family));
  return mapInParallel(drawings, drawnAtOnce(), async ({ id, set, family, name }) => ({ id, set, family, hash: perceptualHash(await rasterise(icon(set, name), HASH_RENDER)) }));
}

/** The whole list: near-duplicates first; then, with the split of concepts that remains, what is near a downstream drawing. */
export function listDuplicates(concepts: readonly Concept[], drawings: readonly Hashed[]): readonly Removed[] {
  const duplicates = findDuplicates(drawings);
  const gone = new Set(duplicates.map(({ id }) => id));
  const uses = usesOf(concepts, (id) => gone.has(id));
  const kept = drawings.filter(({ id }) => !gone.has(id));
  const isDownstream = ({ id }: Hashed): boolean => uses.get(id.slice(id.indexOf('/') + 1))?.kind === 'downstream';
  return [...duplicates, ...findNearDownstream(kept.filter((drawing) => !isDownstream(drawing)), kept.filter(isDownstream))];
}
