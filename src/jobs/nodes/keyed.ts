import type { DataSource } from '../../data/source.js';
import type { Json, JsonObject } from '../../files.js';
import type { ResolvedSuite } from '../../suite/resolved.js';
import type { AttentionConfig, ClusterConfig, FeaturesConfig, OverlapConfig, PrepareConfig, PretrainConfig, SearchConfig, TransferConfig } from '../configs.js';

/** Places in a config that change no result: what the model is called, and where content lies whose hash is in the key. */
export const modelName = ['model', 'name'] as const;
export const locationsAt = (place: readonly string[], { locations = [] }: Pick<DataSource, 'locations'>): readonly (readonly string[])[] =>
  locations.map((option) => [...place, option]);

/** The model without its name, on which no speed depends. */
export const modelShape = ({ model }: ResolvedSuite): JsonObject => ({ ...model, name: null });

/** What of a protocol's options can change its speed: how many values are tried, counts and names; not rates and probabilities. */
export function optionsShape(options: JsonObject): JsonObject {
  const kept = Object.entries(options).flatMap(([name, value]): readonly (readonly [string, Json])[] => {
    if (Array.isArray(value)) return [[name, value.length]];
    if (typeof value === 'number' && !Number.isInteger(value)) return [];
    return [[name, typeof value === 'object' && value !== null ? optionsShape(value as JsonObject) : value]];
  });
  return Object.fromEntries(kept);
}

/** A contract's interface as the plain JSON that it is. */
export const plain = (config: PrepareConfig | PretrainConfig | ClusterConfig | SearchConfig | AttentionConfig | OverlapConfig | FeaturesConfig | TransferConfig): JsonObject => ({ ...config }) as unknown as JsonObject;
