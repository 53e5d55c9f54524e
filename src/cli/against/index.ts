import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { baselineOf, type BaselineSpeed } from '../../results/baseline/index.js';
import { remeasuredRows, tolerancesOf, type Remeasured } from '../../results/gate/index.js';
import type { RunRecord } from '../../results/types.js';
import { readRunRecord } from '../run-record.js';
import { ProgramError, runProgram } from './processes.js';
import { speedSuite } from './suite.js';
import { checkOut, removeWorktree } from './worktree.js';

export interface AgainstOptions {
  /** Root of this program's git checkout. */
  readonly root: string;
  /** Branch, tag or commit to compare with. */
  readonly ref: string;
  /** No further pair of visits begins that would not be over by then; intervals need three, which are made anyway. */
  readonly minutes: number;
  readonly tell: (line: string) => void;
}

const leastPairs = 3;
const mostPairs = 10;

interface Side { readonly name: 'before' | 'now'; readonly root: string; readonly visits: BaselineSpeed[][] }

/**
 * Measures the speed of the run's suite with this checkout and with another commit of it, in turns (before, now, now, before, ...), so that
 * what the machine does meanwhile meets both. One visit of each is a pair.
 */
export async function remeasure(record: RunRecord, { root, ref, minutes, tell }: AgainstOptions): Promise<Remeasured> {
  speedSuite(record, 0); // A suite without speed is said before anything is built.
  const folder = await mkdtemp(join(tmpdir(), 'maskbench-against-'));
  const other = join(folder, 'checkout');
  // An interrupt ends the programs that run; what they leave is cleaned up here.
  const onInterrupt = (): void => tell('Stopping.');
  process.on('SIGINT', onInterrupt);
  try {
    const commit = await checkOut(root, ref, other);
    const sides: readonly [Side, Side] = [{ name: 'before', root: other, visits: [] }, { name: 'now', root, visits: [] }];
    const begun = Date.now();
    for (let pair = 0; pair < mostPairs; pair++) {
      const spent = Date.now() - begun;
      if (pair >= leastPairs && spent + spent / pair > minutes * 60_000) break;
      for (const side of pair % 2 === 0 ? sides : sides.toReversed()) {
        tell(`pair ${pair + 1}, ${side.name === 'before' ? ref : 'this checkout'}`);
        side.visits.push([...await visit(side, record, pair, folder)]);
      }
    }
    return { against: `${ref} (${commit.slice(0, 10)}), measured in turns`, rows: remeasuredRows(sides[0].visits, sides[1].visits, tolerancesOf(record).slower) };
  } finally {
    process.off('SIGINT', onInterrupt);
    await removeWorktree(root, other).catch(() => undefined);
    await rm(folder, { recursive: true, force: true });
  }
}

async function visit({ name, root }: Side, record: RunRecord, pair: number, folder: string): Promise<readonly BaselineSpeed[]> {
  const suite = join(folder, `${name}-${pair}.yaml`);
  const out = join(folder, `${name}-${pair}`);
  await writeFile(suite, speedSuite(record, pair));
  await runProgram(process.execPath, [join(root, 'bin', 'maskbench.js'), 'run', suite, '--store', join(folder, `store-${name}`), '--out', out, '--workers', '1'], process.cwd());
  const { speeds } = baselineOf(await readRunRecord(out), name);
  if (speeds.length === 0) throw new ProgramError('no speed was measured', { where: root });
  return speeds;
}
