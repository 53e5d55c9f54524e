import { readFileSync } from 'node:fs';

/** What the machine did beside a turn, in cores. `stolen`: what its host gave to other machines. */
export interface Others { readonly busy: number; readonly stolen: number }

/** The kernel counts time in hundredths of a second for its readers (USER_HZ). */
const TICKS = 100;

interface Ticks { readonly busy: number; readonly stolen: number; readonly own: number }

/** The first line of /proc/stat: user, nice, system, idle, iowait, irq, softirq, steal. */
function machineTicks(text: string): Pick<Ticks, 'busy' | 'stolen'> {
  const [user, nice, system, , , irq, softirq, steal] = text.slice(0, text.indexOf('\n')).trim().split(/\s+/).slice(1).map(Number) as [number, number, number, number, number, number, number, number];
  return { busy: user + nice + system + irq + softirq, stolen: steal };
}

/** utime and stime, fields 14 and 15 of /proc/<pid>/stat; the second (the name) may hold spaces and brackets. */
function processTicks(text: string): number {
  const [user, system] = text.slice(text.lastIndexOf(')') + 2).split(' ').slice(11, 13).map(Number) as [number, number];
  return user + system;
}

/** Watches until it is called: what all but this process and those of `pids` did. Null where the kernel does not tell, or one of them has ended. */
export function watchOthers(pids: readonly number[], read = (path: string): string => readFileSync(path, 'utf8'), now = (): number => performance.now()): () => Others | null {
  const look = (): Ticks | null => {
    try {
      return { ...machineTicks(read('/proc/stat')), own: [process.pid, ...pids].reduce((sum, pid) => sum + processTicks(read(`/proc/${pid}/stat`)), 0) };
    } catch {
      return null;
    }
  };
  const [started, before] = [now(), look()];
  return () => {
    const [after, ticks] = [look(), ((now() - started) / 1000) * TICKS];
    if (before === null || after === null) return null;
    return { busy: Math.max(0, after.busy - before.busy - (after.own - before.own)) / ticks, stolen: (after.stolen - before.stolen) / ticks };
  };
}

/** What others did during one timed turn. `turn`: the case and who had it, `quick/mae, traced`. */
export interface TurnOthers extends Others { readonly turn: string }

/** Of all timed turns of a run. */
export interface OthersFound {
  readonly turns: number;
  readonly mean: Others;
  readonly most: Others;
  /** Turns in which others were busy with more than `DISTURBED`, and whose they were, each once. */
  readonly disturbed: number;
  readonly disturbedTurns: readonly string[];
}

/** Cores. Above it a turn was not alone. */
export const DISTURBED = 0.1;

export function summariseOthers(turns: readonly TurnOthers[]): OthersFound | null {
  if (turns.length === 0) return null;
  const of = (pick: (values: readonly number[]) => number): Others => ({ busy: pick(turns.map(({ busy }) => busy)), stolen: pick(turns.map(({ stolen }) => stolen)) });
  const disturbed = turns.filter(({ busy }) => busy > DISTURBED);
  return {
    turns: turns.length,
    mean: of((values) => values.reduce((sum, value) => sum + value, 0) / values.length),
    most: of((values) => Math.max(...values)),
    disturbed: disturbed.length,
    disturbedTurns: [...new Set(disturbed.map(({ turn }) => turn))],
  };
}
