// Preloaded by tests (`node --import`): writes every module and native addon that a command loads to the file $RECORD.
import { appendFileSync } from 'node:fs';
import { createRequire, register } from 'node:module';

const hooks = `
import { appendFileSync } from 'node:fs';
export async function resolve(specifier, context, next) {
  const resolved = await next(specifier, context);
  appendFileSync(process.env.RECORD, 'import ' + resolved.url + '\\n');
  return resolved;
}`;
register(`data:text/javascript,${encodeURIComponent(hooks)}`);

const record = (line) => appendFileSync(process.env.RECORD, `${line}\n`);
const { dlopen } = process;
process.dlopen = (module, file, ...flags) => {
  record(`addon ${file}`);
  return dlopen.call(process, module, file, ...flags);
};
process.on('exit', () => {
  for (const file of Object.keys(createRequire(import.meta.url).cache)) record(`require ${file}`);
});
