import type { ImageIndex } from '../../data/image-set.js';
import type { DataSource } from '../../data/source.js';
import { SuiteError } from '../../errors.js';
import type { ResolvedData, ResolvedSuite } from '../../suite/resolved.js';
import type { Registries } from './registries.js';

export interface SourcedData {
  readonly data: ResolvedData;
  readonly source: DataSource;
  readonly index: ImageIndex;
  readonly fingerprint: string;
  /** Pixels a side of the larger squares that random crops are cut from; null: there are none. */
  readonly crops: number | null;
}

/** Data sets that an entry or a task uses. One that is only declared costs nothing, and may even be missing. */
export async function readData(suite: ResolvedSuite, registries: Registries): Promise<ReadonlyMap<string, SourcedData>> {
  const used = new Set([...suite.tasks.map(({ data }) => data), ...suite.entries.flatMap(({ pretrain }) => (pretrain === null ? [] : [pretrain.data]))]);
  const read = suite.data.filter(({ name }) => used.has(name)).map(async (data) => {
    const source = registries.sources[data.source]!;
    const crops = cropsOf(suite, data, source);
    const [index, fingerprint] = await Promise.all([source.index(data.options), source.fingerprint(data.options)]);
    return [data.name, { data, source, index, fingerprint, crops }] as const;
  });
  return new Map(await Promise.all(read));
}

/** Pixels a side at which a data set is prepared: the model's, but for dense pictures, which have their own. */
export const sizeOf = (source: DataSource, data: ResolvedData, { model }: Pick<ResolvedSuite, 'model'>): number => source.size?.(data.options) ?? model.image_size;

/** `SourcedData.crops`. SuiteError for squares that are smaller than what the model sees. */
function cropsOf({ name, model }: ResolvedSuite, data: ResolvedData, source: DataSource): number | null {
  const side = source.cropsFrom?.(data.options) ?? model.image_size;
  if (side >= model.image_size) return side === model.image_size ? null : side;
  throw new SuiteError(`the data set ${data.name} cuts crops from squares of ${side} pixels a side, fewer than the model's image_size (${model.image_size})`, {
    where: name, fix: `Set its crops_from to ${model.image_size} or more, or leave it out.`,
  });
}
