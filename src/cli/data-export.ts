import { Command } from 'commander';
import { largestSeed } from '../suite/seeds.js';
import { optionsOf, sourceOf } from './source-options.js';
import { wholeNumber } from './whole-number.js';

interface ExportFlags { readonly out: string; readonly option?: readonly string[]; readonly seed?: number; readonly json?: true }

/** `maskbench data export`. */
export function dataExportCommand(): Command {
  return new Command('export')
    .description('write a source that draws its pictures as PNG files with COCO JSON')
    .argument('<source>', 'name of the source')
    .requiredOption('--out <dir>', 'folder to write into; files of the same names are replaced')
    .option('--option <key=value...>', 'options of the source, as in a suite file')
    .option('--seed <n>', 'one file for each of train, validation and test at this seed, instead of one an artist', wholeNumber(largestSeed, 0))
    .option('--json', 'print JSON')
    .addHelpText('after', `
Examples:
  maskbench data export emoji_scenes --out scenes
  maskbench data export emoji_scenes --out scenes --option size=128 per_artist=100 --seed 0

It leaves images/*.png, labels/*.png (grey label maps) with labels/classes.txt, and instances_<artist or part>.json.

Exit codes:
  0  written
  2  unknown source or option, or a source whose pictures are files already`)
    .action(async (name: string, flags: ExportFlags) => {
      const source = await sourceOf(name);
      const options = await optionsOf(source, flags.option ?? []);
      const { exportCoco } = await import('../data/export-coco.js');
      const files = await exportCoco(source, options, flags.out, flags.seed ?? null);
      process.stdout.write(flags.json === true ? `${JSON.stringify({ files }, null, 2)}\n` : `${files.map(({ file, images, objects }) => `${file}: ${images} images, ${objects} objects`).join('\n')}\n`);
    });
}
