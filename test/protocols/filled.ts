import type { JsonObject } from '../../src/files.js';
import { protocols } from '../../src/protocols/index.js';
import { check, withDefaults } from '../../src/suite/validate.js';

/** A protocol's options as a suite hands them over: checked, with every default. Throws what is wrong with them. */
export function filled(protocol: string, options: JsonObject): JsonObject {
  const { schema } = protocols[protocol]!;
  const problems = check(schema, options);
  if (problems.length > 0) throw new Error(problems.map(({ path, message }) => `${path.join('.')}: ${message}`).join('\n'));
  return withDefaults(schema, options);
}
