import { SuiteError } from '../errors.js';
import type { JsonObject } from '../files.js';
import { type controls as allControls, defaultControls } from './core.js';
import type { SuiteDocument } from './core.js';
import type { SuiteMembers } from './members.js';
import type { ResolvedEntry, ResolvedSchedule } from './resolved.js';
import { withDefaults } from './validate.js';

type Control = (typeof allControls)[number];

/** An entry of the suite file, as far as its controls go. */
interface Asking { readonly name: string; readonly start: string; readonly controls: readonly Control[] }

/** An entry that is added: the start of `owner` trained on. */
interface Added { readonly name: string; readonly control: 'epochs' | 'flops'; readonly owner: string; readonly start: string }

/** Entries of a file that come with controls: those whose method must go on from another. May be wrong otherwise. */
export function asking(entries: readonly JsonObject[], members: SuiteMembers): readonly Asking[] {
  return entries.flatMap(({ name, method, start, controls }) => {
    const required = typeof method === 'string' && Object.hasOwn(members.methods, method) && members.methods[method]!.startsFrom?.required === true;
    if (!required || typeof name !== 'string' || typeof start !== 'string') return [];
    return [{ name, start, controls: Array.isArray(controls) ? (controls as readonly Control[]) : defaultControls }];
  });
}

/** What they add, where no entry has the name: START+epochs and START+flops, and behind it the owner's name where several ask for the same. */
export function added(askers: readonly Asking[], taken: readonly string[]): readonly Added[] {
  return askers.flatMap(({ name: owner, start, controls }) => (['epochs', 'flops'] as const).filter((control) => controls.includes(control)).flatMap((control) => {
    const alone = askers.filter((other) => other.start === start && other.controls.includes(control)).length === 1;
    const name = `${start}+${control}${alone ? '' : `-${owner}`}`;
    return taken.includes(name) ? [] : [{ name, control, owner, start }];
  }));
}

/** A length that is counted when the suite is planned, in epochs of the entry's own subset or of another one. */
export const lengthOf = (flopsOf: string, of: ResolvedSchedule['of']): ResolvedSchedule => ({ epochs: 0, of, flops_of: flopsOf });

/** The added entries, resolved: the start's method on the owner's data, with those of the owner's options that it has too. */
export function controlEntries(document: SuiteDocument, entries: readonly ResolvedEntry[], members: SuiteMembers): readonly ResolvedEntry[] {
  const byName = new Map(entries.map((entry) => [entry.name, entry]));
  return added(asking(document.entries as unknown as readonly JsonObject[], members), [...byName.keys()]).map(({ name, control, owner, start }) => {
    const [{ pretrain, options }, { method, protocols }] = [byName.get(owner)!, byName.get(start)!];
    const { schema } = members.methods[method]!;
    const known = Object.keys((schema['properties'] ?? {}) as JsonObject);
    if (control === 'epochs' && pretrain?.schedule.flops_of !== undefined) {
      throw new SuiteError(`the control ${name} is to see as many images as ${owner}, whose length is counted in FLOPs of ${pretrain.schedule.flops_of}`, { fix: `Give ${owner} its schedule in epochs, or say \`controls: [flops]\`.` });
    }
    return {
      name,
      title: control === 'epochs' ? `${start}, trained on as long as ${owner}` : `${start}, trained on for as many FLOPs as ${owner} in all`,
      method,
      // In the owner's epochs: the warm-up, which is told in epochs, has as many steps as the owner's.
      pretrain: { ...pretrain!, ...(control === 'flops' ? { schedule: lengthOf(owner, pretrain!.schedule.of) } : {}) },
      start,
      options: withDefaults(schema, Object.fromEntries(Object.entries(options).filter(([option]) => known.includes(option)))),
      protocols,
    };
  });
}

/** The encoders that the oracle takes the best of, where it is asked for: entries that train nothing of their own. */
export function oracleEntries(document: SuiteDocument, entries: readonly ResolvedEntry[], members: SuiteMembers): readonly ResolvedEntry[] {
  const byName = new Map(entries.map((entry) => [entry.name, entry]));
  return asking(document.entries as unknown as readonly JsonObject[], members).filter(({ controls }) => controls.includes('oracle')).flatMap(({ name: owner }) => {
    const entry = byName.get(owner)!;
    const every = members.methods[entry.method]!.everySearch?.(entry.options) ?? [];
    return every.map((options, index): ResolvedEntry => {
      const name = `${owner}+oracle${index}`;
      return { ...entry, name: byName.has(name) ? `${name}+` : name, title: `${owner} as the oracle's choice ${index}`, options, oracle_of: owner };
    });
  });
}
