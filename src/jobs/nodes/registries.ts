import type { DataSource } from '../../data/source.js';
import type { MethodSpec } from '../../methods/method.js';
import type { ProtocolSpec } from '../../protocols/protocol.js';

/** What can be named in a suite, loaded. */
export interface Registries {
  readonly sources: Readonly<Record<string, DataSource>>;
  readonly methods: Readonly<Record<string, MethodSpec>>;
  readonly protocols: Readonly<Record<string, ProtocolSpec>>;
}
