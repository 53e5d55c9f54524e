import type { JsonObject } from '../files.js';
import type { ResolvedModel } from './resolved.js';

/**
 * What the registries lend to suite files. This folder knows the language of a suite, not its vocabulary: methods,
 * protocols and sources each bring the schema of their own options, and the catalog hands them in.
 */
export interface SuiteMembers {
  readonly sources: Readonly<Record<string, SourceMember>>;
  readonly methods: Readonly<Record<string, MethodMember>>;
  readonly protocols: Readonly<Record<string, ProtocolMember>>;
  /** Standard vision transformers by their timm name. */
  readonly models: Readonly<Record<string, ModelSize>>;
}

export interface Member {
  /** Object schema of the options with defaults, `additionalProperties: false`. Draft 2020-12. */
  readonly schema: JsonObject;
  /** One line, shown by editors. */
  readonly description?: string;
}

export interface ProtocolMember extends Member {
  /** `features`: works on those of a frozen encoder. */
  readonly needs: 'encoder' | 'features';
}

export interface MethodMember extends Member {
  /** `none`: pre-trains on nothing, so an entry has no data, subset, batch size or schedule. */
  readonly kind: 'train' | 'none';
  /** Methods whose entries a `start` may name, and whether there must be one. Without it there is none. */
  readonly startsFrom?: StartsFrom;
  /** Complete options with each of which a task gets another of the encoders that the oracle takes the best of. */
  everySearch?(options: JsonObject): readonly JsonObject[];
  /** What is wrong with complete options for this model, length and batch size (null: not known, or none), beyond what the schema can say. */
  problems?(args: { readonly model: ResolvedModel; readonly options: JsonObject; readonly epochs: number | null; readonly batchSize: number | null }): readonly string[];
}

export interface StartsFrom { readonly methods: readonly string[]; readonly required: boolean }

export interface SourceMember extends Member {
  /** Tasks that the source offers under validated options. May throw DataError where the data is missing. */
  tasks(options: JsonObject): Promise<readonly TaskOffer[]>;
}

export interface TaskOffer { readonly name: string; readonly development: boolean }

export interface ModelSize { readonly width: number; readonly depth: number; readonly heads: number; readonly mlp_ratio: number }
