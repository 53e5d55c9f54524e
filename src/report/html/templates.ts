import { readdir, readFile } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import Handlebars from 'handlebars';

/**
 * Templates are read from src/report/templates, which the package carries: the compiler copies only TypeScript. From
 * src/report/html and from dist/report/html the way there is the same.
 */
const folder = fileURLToPath(new URL('../../../src/report/templates/', import.meta.url));

interface Templates {
  /** Renders page.hbs. In strict mode: a field that the view lacks is an error, not an empty place. */
  readonly page: (view: object) => string;
  readonly style: string;
  readonly script: string;
}

export async function loadTemplates(): Promise<Templates> {
  const handlebars = Handlebars.create();
  // A name of several parts breaks between them before it breaks within one.
  handlebars.registerHelper('breakable', (text: string) => new Handlebars.SafeString(Handlebars.escapeExpression(text).replaceAll('/', '/<wbr>')));
  const files = (await readdir(folder)).filter((file) => extname(file) === '.hbs');
  const sources = new Map(await Promise.all(files.map(async (file) => [basename(file, '.hbs'), await readFile(`${folder}${file}`, 'utf8')] as const)));
  for (const [name, source] of sources) if (name !== 'page') handlebars.registerPartial(name, source);
  const page = handlebars.compile(sources.get('page') ?? '', { strict: true, noEscape: false });
  const [style, script] = await Promise.all(['style.css', 'script.js'].map((file) => readFile(`${folder}${file}`, 'utf8')));
  return { page: (view) => page(view), style: style!, script: script! };
}
