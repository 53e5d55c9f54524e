import { phases, waitedShare } from '../../phases.js';
import { sumOfPhases, totalSeconds } from '../../results/profile.js';
import type { KindProfile, Profile } from '../../results/types.js';
import { phaseTitles, profileChart } from '../charts/profile.js';
import { count, duration, percent, plural } from '../numbers.js';

interface Row { readonly kind: string; readonly cells: readonly { readonly text: string; readonly sort: string }[] }

function row({ kind, jobs, seconds }: KindProfile, all: number): Row {
  const total = totalSeconds(seconds);
  const waited = waitedShare(seconds);
  const share = (part: number, whole: number): string => (whole === 0 ? '' : ` (${percent(part / whole)} %)`);
  return {
    kind,
    cells: [
      { text: count(jobs), sort: String(jobs) },
      { text: `${duration(total)}${share(total, all)}`, sort: String(total) },
      ...phases.map((phase) => ({ text: seconds[phase] === 0 ? '\u2013' : `${duration(seconds[phase])}${share(seconds[phase], total)}`, sort: String(seconds[phase]) })),
      { text: waited === null ? '\u2013' : `${percent(waited)} %`, sort: String(waited ?? -1) },
    ],
  };
}

const sumOf = (kinds: readonly KindProfile[]): KindProfile =>
  ({ kind: 'all', jobs: kinds.reduce((sum, { jobs }) => sum + jobs, 0), seconds: sumOfPhases(kinds.map(({ seconds }) => seconds)) });

/** The section on where the time went; null where no finished job tells. */
export function profileView(profile: Profile | undefined): object | null {
  if (profile === undefined || profile.kinds.length === 0) return null;
  const sum = sumOf(profile.kinds);
  const all = totalSeconds(sum.seconds);
  return {
    columns: ['jobs', 'wall time (share of all)', ...phases.map((phase) => phaseTitles[phase]), 'the engine waited (share of steps, evaluation and waiting)'],
    rows: profile.kinds.map((kind) => row(kind, all)),
    sum: row(sum, all),
    chart: profileChart(profile),
    notes: [
      ...(profile.resumed === 0 ? [] : [`${plural(profile.resumed, 'job')} went on from a checkpoint: only the last part is counted.`]),
      ...(profile.untold === 0 ? [] : [`${plural(profile.untold, 'finished job')} of an earlier version did not measure it and ${profile.untold === 1 ? 'is' : 'are'} left out.`]),
    ],
  };
}
