import { Command, InvalidArgumentError, Option } from 'commander';
import type { OverlapType } from '../metrics/index.js';
import { textTable } from './output.js';
import { wholeNumber } from './whole-number.js';

const exitCodes = `
Exit codes:
  0  compared; the numbers are on stdout
  2  a file that is missing or wrong (the message says which, where in it, and why), or the command line is wrong`;

/** `maskbench eval coco|seg`: predictions of any program against the truth; needs no suite. */
export function evalCommand(): Command {
  const evaluate = new Command('eval').description('compare predictions with the truth: COCO detections, label maps').addHelpText('after', `
Examples:
  maskbench eval coco --gt instances_val2017.json --dt results.json --type segm
  maskbench eval seg --gt labels/ --pred predicted/ --classes 19
${exitCodes}`);
  evaluate.addCommand(cocoCommand());
  evaluate.addCommand(segCommand());
  return evaluate;
}

interface CocoFlags { readonly gt: string; readonly dt: string; readonly type: OverlapType; readonly compat?: 'pycocotools'; readonly maxDets?: MaxDets; readonly json?: true }

type MaxDets = readonly [number, number, number];

function maxDetsOf(text: string): MaxDets {
  const limits = text.split(',').map((part) => (/^[1-9]\d*$/.test(part.trim()) ? Number(part) : Number.NaN));
  if (limits.length !== 3 || !limits.every((limit, at) => limit > (limits[at - 1] ?? 0))) throw new InvalidArgumentError('Three whole numbers from 1 on are needed, each above the one before, such as 1,10,100.');
  return limits as unknown as MaxDets;
}

function cocoCommand(): Command {
  return new Command('coco')
    .description('COCO\'s twelve numbers of boxes or instance masks')
    .requiredOption('--gt <file>', 'the truth: JSON of COCO\'s instances')
    .requiredOption('--dt <file>', 'the detections: JSON of COCO\'s results')
    .addOption(new Option('--type <type>', 'what is compared').choices(['bbox', 'segm']).default('bbox'))
    .addOption(new Option('--compat <program>', 'equal scores in the order in which that program has them (else they enter together)').choices(['pycocotools']))
    .option('--max-dets <limits>', 'detections of a class that count in an image: three limits, for AR1, AR10 and for all the rest (1,10,100)', maxDetsOf)
    .option('--json', 'print JSON: { "bbox": { "AP", "AP50", ... } }, -1 where there is nothing to find; with --max-dets also "maxDets", as AR1, AR10 and AR100 keep their names')
    .addHelpText('after', `
Example:
  maskbench eval coco --gt instances_val2017.json --dt results.json --type segm --json
${exitCodes}`)
    .action(async ({ gt, dt, type, compat, maxDets, json }: CocoFlags) => {
      const [{ readTruth }, { readResults }, { cocoTable }, { evaluateCoco }] = await Promise.all([
        import('./eval/coco-truth.js'), import('./eval/coco-results.js'), import('./eval/coco-table.js'), import('../metrics/index.js'),
      ]);
      const truth = await readTruth(gt, type);
      const { found, detectionArea, passedOver, boxForMask, odd } = await readResults(dt, type, truth);
      for (const [path, what, of, ones] of [[gt, 'annotations', 'an image or a category', truth.passedOver], [dt, 'results', 'a category', passedOver]] as const) {
        if (ones.length > 0) process.stderr.write(`${ones.length} of the ${what} in ${path} ${ones.length === 1 ? 'is' : 'are'} of ${of} that ${gt} does not have, and passed over as by pycocotools, such as ${ones[0]!}.\n`);
      }
      if (truth.odd.length > 0) process.stderr.write(`${truth.odd.length} of the annotations in ${gt} ${truth.odd.length === 1 ? 'is' : 'are'} odd and counted as pycocotools does, such as ${truth.odd[0]!}.\n`);
      if (odd.length > 0) process.stderr.write(`${odd.length} of the results in ${dt} ${odd.length === 1 ? 'is' : 'are'} odd and counted as pycocotools does, such as ${odd[0]!}.\n`);
      if (boxForMask > 0) process.stderr.write(`${boxForMask} of the results in ${dt} ${boxForMask === 1 ? 'has' : 'have'} no segmentation: the box is taken for the mask, as by pycocotools.\n`);
      const evaluation = evaluateCoco(truth.truths, found, type, { classes: truth.categories.size, detectionArea, compat: compat ?? null, ...(maxDets === undefined ? {} : { maxDets }) });
      process.stdout.write(`${json === true ? JSON.stringify({ [type]: evaluation.summary, ...(maxDets === undefined ? {} : { maxDets }) }) : cocoTable(evaluation)}\n`);
    });
}

interface SegFlags { readonly gt: string; readonly pred: string; readonly classes?: number; readonly ignore: number; readonly json?: true }

function segCommand(): Command {
  return new Command('seg')
    .description('mIoU, pixel accuracy and mean accuracy of label maps')
    .requiredOption('--gt <dir>', 'folder of the true label maps: PNG, grey or with a palette, one class index a pixel')
    .requiredOption('--pred <dir>', 'folder of the predicted ones, of the same names')
    .option('--classes <n>', 'number of classes (else as many as the largest true label says)', wholeNumber(256))
    .option('--ignore <label>', 'true label of pixels that do not count', wholeNumber(255, 0), 255)
    .option('--json', 'print JSON')
    .addHelpText('after', `
Example:
  maskbench eval seg --gt labels/ --pred predicted/ --classes 19
${exitCodes}`)
    .action(async ({ gt, pred, classes, ignore, json }: SegFlags) => {
      const { evaluateFolders } = await import('./eval/segmentation.js');
      const { leftOut, ...scores } = await evaluateFolders(gt, pred, { classes: classes ?? null, ignore });
      if (leftOut.length > 0) process.stderr.write(`${leftOut.length} of the predictions have no truth and are left out, such as ${leftOut[0]}.\n`);
      if (json === true) {
        process.stdout.write(`${JSON.stringify(scores)}\n`);
        return;
      }
      const value = (of: number | null): string => (of === null || Number.isNaN(of) ? '-' : of.toFixed(4));
      process.stdout.write(`${textTable([
        ['class', 'IoU'], ...scores.perClass.map((iou, i) => [String(i), value(iou)]),
        ['mIoU', value(scores.mIoU)], ['pixel accuracy', value(scores.pixelAccuracy)], ['mean accuracy', value(scores.meanAccuracy)],
      ])}\n${scores.images} images, ${scores.classes} classes, ${(100 * scores.ignored).toFixed(1)} % of the pixels ignored${scores.absent.length > 0 ? `; not in the truth and left out of the means: ${scores.absent.join(', ')}` : ''}\n`);
    });
}
