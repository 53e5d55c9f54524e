import { DataError } from '../../../errors.js';
import { charsOf, iconAliases, iconNames, isDamaged, readPackageFile } from './icons.js';
import { LEFT_OUT_BY_HAND, NAMES_BY_HAND } from './names-by-hand.js';
import { MIN_SETS, SETS, type SetName } from './sets.js';

/** Something that several artists have drawn. */
export interface Concept {
  /** Unicode code points, lower case hex joined by `-`, without the variation selector. Unique. */
  readonly code: string;
  /** Unicode's short name (CLDR, English). Unique. */
  readonly name: string;
  /** Unicode's group and subgroup: `animals-nature`, `animal-mammal`. */
  readonly group: string;
  readonly subgroup: string;
  /** Drawing of each set that has one, in the order of SETS. */
  readonly drawings: readonly { readonly set: SetName; readonly icon: string }[];
}

interface EmojibaseEntry { readonly hexcode: string; readonly label: string; readonly group?: number; readonly subgroup?: number; readonly order?: number }
interface EmojibaseGroups { readonly groups: Readonly<Record<string, string>>; readonly subgroups: Readonly<Record<string, string>> }
type Shortcodes = Readonly<Record<string, string | readonly string[]>>;

const emojibase = (file: string): unknown => readPackageFile(`emojibase-data/${file}`);

/** Flags and symbols picture nothing; components are skin tones and hair. */
const LEFT_OUT: ReadonlySet<string> = new Set(['component', 'symbols', 'flags']);

const plainCode = (hexcode: string): string => hexcode.toLowerCase().split('-').filter((part) => part !== 'fe0f').join('-');
const squash = (name: string): string => name.toLowerCase().normalize('NFD').replace(/[\u0300-\u036f]/g, '').replaceAll('&', 'and').replace(/[^a-z0-9]+/g, '');

/** name (squashed) -> code point, null where two concepts bear the name. */
type Names = Map<string, string | null>;
const addName = (names: Names, name: string, code: string): void => {
  const key = squash(name);
  const known = names.get(key);
  names.set(key, known === undefined || known === code ? code : null);
};

/**
 * Which concept a drawing's name means, for the sets that publish no code points: Unicode's short name, Unicode's
 * character name, the names that the sets with code points use, then the shortcodes of chat programs. The first of these
 * that knows the name decides; a name that it gives to two concepts means neither.
 */
const nameTiers = (entries: readonly { readonly code: string; readonly label: string }[]): readonly Names[] => {
  const known = new Set(entries.map(({ code }) => code));
  const labels: Names = new Map();
  const characters: Names = new Map();
  const sets: Names = new Map();
  const shortcodes: Names = new Map();
  for (const { code, label } of entries) addName(labels, label, code);
  for (const [hexcode, name] of Object.entries(emojibase('meta/unicode-names.json') as Readonly<Record<string, string>>)) {
    const code = plainCode(hexcode);
    if (known.has(code)) addName(characters, name, code);
  }
  for (const set of SETS) {
    const codes = new Map<string, string>();
    for (const [hexcode, name] of Object.entries(charsOf(set))) {
      const code = plainCode(hexcode);
      if (!known.has(code)) continue;
      addName(sets, name, code);
      codes.set(name, code);
    }
    for (const [alias, name] of iconAliases(set)) {
      const code = codes.get(name);
      if (code !== undefined) addName(sets, alias, code);
    }
  }
  for (const preset of ['cldr', 'emojibase', 'github', 'iamcal', 'joypixels', 'emojibase-legacy']) {
    for (const [hexcode, names] of Object.entries(emojibase(`en/shortcodes/${preset}.json`) as Shortcodes)) {
      const code = plainCode(hexcode);
      if (known.has(code)) for (const name of [names].flat()) addName(shortcodes, name, code);
    }
  }
  return [labels, characters, sets, shortcodes];
};

const resolveName = (tiers: readonly Names[], name: string): string | null => {
  const key = squash(name);
  for (const tier of tiers) {
    const code = tier.get(key);
    if (code !== undefined) return code;
  }
  return null;
};

/** code -> drawing, for one set. */
const drawingsOf = (set: SetName, tiers: readonly Names[], codeOfLabel: ReadonlyMap<string, string>): ReadonlyMap<string, string> => {
  const drawings = new Map<string, string>();
  const leftOut = LEFT_OUT_BY_HAND[set] ?? {};
  const keep = (code: string, icon: string): void => {
    if (!drawings.has(code) && leftOut[icon] === undefined && !isDamaged(set, icon)) drawings.set(code, icon);
  };
  const chars = Object.entries(charsOf(set));
  if (chars.length > 0) {
    // Where a set gives one name to two characters (openmoji's `scroll`), which of the two was drawn is unknown.
    const codes = new Map<string, string | null>();
    for (const [hexcode, icon] of chars) {
      const code = plainCode(hexcode);
      const known = codes.get(icon);
      codes.set(icon, known === undefined || known === code ? code : null);
    }
    for (const [icon, code] of codes) if (code !== null) keep(code, icon);
    return drawings;
  }
  const names = iconNames(set);
  const byHand = NAMES_BY_HAND[set] ?? {};
  for (const name of names) {
    const label = byHand[name];
    if (label === undefined) continue;
    const code = codeOfLabel.get(label);
    if (code === undefined) throw new DataError(`no emoji is called '${label}'`, { where: `names-by-hand: ${set}/${name}` });
    keep(code, name);
  }
  for (const name of names) {
    const code = byHand[name] === undefined ? resolveName(tiers, name) : null;
    if (code !== null) keep(code, name);
  }
  // Another name of a drawing counts only where its own name means nothing: one drawing is one concept.
  const used = new Set(drawings.values());
  for (const [alias, name] of iconAliases(set)) {
    const code = used.has(name) ? null : resolveName(tiers, alias);
    if (code !== null && leftOut[alias] === undefined && names.includes(name)) keep(code, name);
  }
  return drawings;
};

let concepts: readonly Concept[] | undefined;

/** Every concept that at least MIN_SETS sets draw, in Unicode's order. Read from the packages once. */
export function allConcepts(): readonly Concept[] {
  if (concepts !== undefined) return concepts;
  const { groups, subgroups } = emojibase('meta/groups.json') as EmojibaseGroups;
  const entries = (emojibase('en/data.json') as readonly EmojibaseEntry[])
    .filter(({ group }) => group !== undefined)
    .sort((a, b) => (a.order ?? 0) - (b.order ?? 0))
    .map((entry) => ({ code: plainCode(entry.hexcode), label: entry.label, group: groups[String(entry.group)] ?? '', subgroup: subgroups[String(entry.subgroup)] ?? '' }));
  const tiers = nameTiers(entries);
  const codeOfLabel = new Map(entries.map(({ code, label }) => [label, code]));
  const drawn = SETS.map((set) => ({ set, drawings: drawingsOf(set, tiers, codeOfLabel) }));
  concepts = entries
    .filter(({ group }) => !LEFT_OUT.has(group))
    .map(({ code, label, group, subgroup }) => ({
      code, name: label, group, subgroup,
      drawings: drawn.flatMap(({ set, drawings }) => {
        const icon = drawings.get(code);
        return icon === undefined ? [] : [{ set, icon }];
      }),
    }))
    .filter(({ drawings }) => drawings.length >= MIN_SETS);
  return concepts;
}
