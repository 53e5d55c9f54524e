import { execFileSync } from 'node:child_process';
import { release } from 'node:os';
import { describeCpu } from '../src/engine/cpu.js';
import { summariseOthers, type TurnOthers } from './others.js';
import type { BenchMachine } from './results.js';

/** The commit that is measured, marked where files differ from it. */
function commit(): string {
  try {
    const git = (...args: readonly string[]): string => execFileSync('git', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
    return `${git('rev-parse', '--short', 'HEAD')}${git('status', '--porcelain', '--untracked-files=no') === '' ? '' : ' with changes'}`;
  } catch {
    return 'unknown';
  }
}

export function describeMachine(load: readonly number[], versions: Readonly<Record<string, string>>, turns: readonly TurnOthers[]): BenchMachine {
  const { model, cores, memoryBytes, instructions } = describeCpu();
  return { date: new Date().toISOString(), commit: commit(), cpu: model, cores, memoryBytes, instructions, kernel: release(), load, versions, others: summariseOthers(turns) };
}
