import { Command } from 'commander';
import { UsageError } from '../errors.js';
import { largestSeed } from '../suite/seeds.js';
import { systemReason } from '../system-reason.js';
import { pathName } from './path-name.js';
import { optionsOf, sourceOf } from './source-options.js';
import { wholeNumber } from './whole-number.js';

interface ExportFlags { readonly out: string; readonly option?: readonly string[]; readonly seed?: number; readonly json?: true }

/** An error of the system, which is about the folder; any other as it is. */
const unwritable = (folder: string, cause: unknown): unknown => (!(cause instanceof Error) || !('syscall' in cause) ? cause
  : new UsageError(`the pictures cannot be written: ${systemReason(cause)}`, { where: folder, fix: 'Name a folder that can be written (--out DIR).', cause }));

/** `maskbench data export`. */
export function dataExportCommand(): Command {
  return new Command('export')
    .description('write a source that draws its pictures as PNG files with COCO JSON')
    .argument('<source>', 'name of the source')
    .requiredOption('--out <dir>', 'folder to write into; files of the same names are replaced', pathName)
    .option('--option <key=value...>', 'options of the source, as in a suite file')
    .option('--seed <n>', 'one file for each of train, validation and test at this seed, instead of one an artist', wholeNumber(largestSeed, 0))
    .option('--json', 'print JSON')
    .addHelpText('after', `
Examples:
  maskbench data export emoji_scenes --out scenes
  maskbench data export emoji_scenes --out scenes --option size=128 per_artist=100 --seed 0

It leaves images/<artist>/*.png, labels/<artist>/*.png (grey label maps) with labels/classes.txt, and instances_<artist or part>.json.

Exit codes:
  0  written
  2  unknown source or option, a source whose pictures are files already, or a folder that cannot be written`)
    .action(async (name: string, flags: ExportFlags) => {
      const source = await sourceOf(name);
      const options = await optionsOf(source, flags.option ?? []);
      const [{ exportCoco }, { makeFolder }] = await Promise.all([import('../data/export-coco.js'), import('../files.js')]);
      const files = await (async () => {
        // A folder that cannot be made is said before the drawing, not after it.
        await makeFolder(flags.out);
        return exportCoco(source, options, flags.out, flags.seed ?? null);
      })().catch((cause: unknown) => {
        throw unwritable(flags.out, cause);
      });
      process.stdout.write(flags.json === true ? `${JSON.stringify({ files }, null, 2)}\n` : `${files.map(({ file, images, objects }) => `${file}: ${images} images, ${objects} objects`).join('\n')}\n`);
    });
}
