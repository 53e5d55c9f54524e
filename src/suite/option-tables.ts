import type { Json, JsonObject } from '../files.js';
import type { Member, SuiteMembers } from './members.js';
import { wanted } from './messages.js';

/** The options of every member as Markdown tables, for docs/suites.md. */
export function optionTables(members: SuiteMembers): string {
  const kinds: readonly (readonly [string, Readonly<Record<string, Member>>])[] = [['source', members.sources], ['method', members.methods], ['protocol', members.protocols]];
  return kinds.flatMap(([kind, registry]) => Object.entries(registry).map(([name, member]) => table(kind, name, member))).join('\n');
}

function table(kind: string, name: string, member: Member): string {
  const rows = rowsOf(member.schema, '');
  const about = member.description === undefined ? '' : `${sentence(member.description)}\n\n`;
  const body = rows.length === 0 ? 'No options.\n' : `| option | type | default | |\n|---|---|---|---|\n${rows.join('\n')}\n`;
  return `### ${kind} \`${name}\`\n\n${about}${body}`;
}

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}${text.endsWith('.') ? '' : '.'}`;
const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

function rowsOf(schema: JsonObject, prefix: string): readonly string[] {
  const required = (schema['required'] ?? []) as readonly Json[];
  return Object.entries((schema['properties'] ?? {}) as Readonly<Record<string, JsonObject>>).flatMap(([key, property]) => {
    const path = `${prefix}${key}`;
    const about = typeof property['description'] === 'string' ? property['description'] : '';
    if (property['type'] === 'object' && property['properties'] !== undefined) {
      // A block without a default is absent unless a suite names it; the defaults inside hold from then on.
      const block = property['default'] === undefined && !required.includes(key) ? [`| \`${path}\` | ${wanted(property)} | | ${cell(about)} |`] : [];
      return [...block, ...rowsOf(property, `${path}.`)];
    }
    const standard = property['default'] === undefined ? (required.includes(key) ? 'needed' : '') : `\`${JSON.stringify(property['default'])}\``;
    return [`| \`${path}\` | ${cell(wanted(property))} | ${cell(standard)} | ${cell(about)} |`];
  });
}
