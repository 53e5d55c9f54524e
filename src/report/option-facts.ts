import type { Json, JsonObject } from '../files.js';
import { listed } from './numbers.js';
import type { ResolvedEntry, ResolvedProtocol } from '../suite/resolved.js';

export interface Fact { readonly name: string; readonly value: string }

/** Six digits tell options apart; the resolved suite at the end of the page has all of them. */
const show = (value: boolean | number | string): string => (typeof value === 'number' ? String(Number(value.toPrecision(6))) : String(value));

const flat = (value: Json, name: string): readonly Fact[] => {
  if (value === null) return name === '' ? [] : [{ name, value: 'none' }];
  if (Array.isArray(value)) return [{ name, value: value.map((item: Json) => (typeof item === 'object' ? JSON.stringify(item) : show(item))).join(', ') }];
  if (typeof value === 'object') return Object.entries(value as JsonObject).flatMap(([key, inner]) => flat(inner, name === '' ? key : `${name} ${key}`));
  return [{ name, value: show(value) }];
};

/** Options as a list of names and values, nested names joined. */
export const optionFacts = (options: unknown): readonly Fact[] => flat(options as Json, '');

/** Entries that are judged with other options of a protocol than the suite's, and these options. */
export function ownOptions(entries: readonly ResolvedEntry[], { name, options }: ResolvedProtocol): readonly { readonly entry: string; readonly options: readonly Fact[] }[] {
  // An entry's own options come with every default filled in: only what differs says something.
  const shared = new Map(optionFacts(options).map((fact) => [fact.name, fact.value]));
  return entries.flatMap((entry) => {
    const own = optionFacts(entry.protocols[name] ?? {}).filter((fact) => shared.get(fact.name) !== fact.value);
    return own.length === 0 ? [] : [{ entry: entry.name, options: own }];
  });
}

/** `Judged with options of their own: scratch (lr 0.016) and ibot (pool cls).` Nothing where all are judged alike. */
export function ownOptionsSentence(entries: readonly ResolvedEntry[], protocol: ResolvedProtocol): readonly string[] {
  const own = ownOptions(entries, protocol).map(({ entry, options }) => `${entry} (${options.map(({ name, value }) => `${name} ${value}`).join(', ')})`);
  return own.length === 0 ? [] : [`Judged with options of ${own.length === 1 ? 'its' : 'their'} own: ${own.join('; ')}.`];
}

/** The same of several protocols at once, without the options: `Judged with options of their own: scratch (fine-tune and mask-rcnn), ibot (linear); the tables of these protocols name them.` */
export function ownOptionsOfAll(entries: readonly ResolvedEntry[], protocols: readonly ResolvedProtocol[]): readonly string[] {
  const places = new Map<string, Set<string>>();
  for (const protocol of protocols) for (const { entry } of ownOptions(entries, protocol)) places.set(entry, (places.get(entry) ?? new Set()).add(protocol.name));
  const texts = [...places].map(([entry, names]) => `${entry} (${listed([...names])})`);
  return texts.length === 0 ? [] : [`Judged with options of ${texts.length === 1 ? 'its' : 'their'} own: ${texts.join(', ')}; the protocols' own tables name them.`];
}
