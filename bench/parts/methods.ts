import { mae } from '../../src/methods/mae/spec.js';
import { mixedae } from '../../src/methods/mixedae/spec.js';
import type { MethodCases } from '../cases.js';
import { tracedOn } from '../contestants.js';
import { methodOptions } from '../method-options.js';
import type { MethodsResult } from '../results.js';
import { interleave } from '../rounds.js';
import { withCase, type Session } from '../session.js';

/** Multiply-adds x 2 of one source image in a training step of each. */
export const methodFlops = ({ mae: plain, mixedae: mixed }: MethodCases): MethodsResult['flops'] => ({
  mae: mae.flopsPerImage(plain.model, methodOptions('mae', plain), plain.batch),
  mixedae: mixedae.flopsPerImage(mixed.model, methodOptions('mixedae', mixed), mixed.batch),
});

/** The traced step of MixedAE beside that of MAE, of the same model, decoder and source images, in rounds. */
export async function compareMethods(session: Session, cases: MethodCases): Promise<MethodsResult> {
  const { size, mae: plain, mixedae: mixed } = cases;
  const threads = plain.threads === 'one' ? 1 : session.cores;
  const contestant = tracedOn(session.device);
  return withCase(session, plain, (one) => withCase(session, mixed, async (other) => {
    const groups = [
      { name: 'mae', batch: plain.batch, members: [await one.start(contestant, threads)] },
      { name: 'mixedae', batch: mixed.batch, members: [await other.start(contestant, threads)] },
    ];
    const rates = await interleave(groups, session, `methods/${size}`);
    return { size, batch: plain.batch, threads, rates: { mae: rates.get('mae')!, mixedae: rates.get('mixedae')! }, flops: methodFlops(cases) };
  }));
}
