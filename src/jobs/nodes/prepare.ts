import type { ResolvedSuite } from '../../suite/resolved.js';
import type { JobNode } from '../../runner/job.js';
import { prepareId } from './ids.js';
import { locationsAt, plain } from './keyed.js';
import { sizeOf, type SourcedData } from './sourced-data.js';

export function prepareNode(suite: ResolvedSuite, { data, source, index, fingerprint, crops }: SourcedData): JobNode {
  const size = sizeOf(source, data, suite);
  const images = index.records.length;
  return {
    id: prepareId(data.name),
    kind: 'prepare',
    config: plain({ source: source.name, options: data.options, size, fingerprint }),
    unkeyed: locationsAt(['options'], source),
    inputs: {},
    modules: ['jobs/prepare.js', ...source.modules],
    // Decoding does not depend on the suite's threads, so they must not be in its key.
    threads: 1,
    cost: { images, flops: 0, bytes: images * (size ** 2 + (crops ?? 0) ** 2) * 4 },
    speed: { group: { source: source.name, options: data.options, size }, size: images, model: '' },
    tags: { data: data.name },
  };
}
