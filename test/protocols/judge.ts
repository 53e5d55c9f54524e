import type { EncoderArguments, FeaturesArguments, Judgement, Protocol } from '../../src/protocols/protocol.js';

/** Runs a protocol of classification, whatever it needs. */
export function judge(protocol: Protocol, args: EncoderArguments & FeaturesArguments): Promise<Judgement> {
  if (protocol.judges !== 'classification') throw new Error(`not a protocol of classification but of ${protocol.judges}`);
  return protocol.needs === 'encoder' ? protocol.run(args) : protocol.run(args);
}
