import { pyramidBlocks } from '../../models/pyramid.js';
import { linearSegmentation, linearSegmentationParams } from '../../models/upernet.js';
import { vitBlocks } from '../../models/vit.js';
import { judgeSegmentation } from '../dense/judge-segmentation.js';
import type { SegmentationHead } from '../dense/network.js';
import { gridOf } from '../grid.js';
import type { SegmentationProtocol } from '../protocol.js';
import { linearMacs } from './macs.js';
import { linearSegmentationOptions, searched } from './options.js';

/** A classifier of each patch on the tokens of four blocks side by side. A shallow encoder may have one twice. */
const linearHead: SegmentationHead = {
  params: ({ width }, classes, seed) => linearSegmentationParams('decode_head', 4 * width, classes, seed),
  logits: (model, params, images) => ({ main: linearSegmentation(params, 'decode_head', vitBlocks(model, params, images, pyramidBlocks(model.depth))) }),
};

export const linearSegmentationProtocol: SegmentationProtocol = {
  judges: 'segmentation',
  needs: 'encoder',
  run(args) {
    const options = linearSegmentationOptions(args.options);
    return judgeSegmentation(args, {
      name: 'linear-segmentation',
      options,
      grid: gridOf(options, searched),
      head: linearHead,
      headShape: {},
      leastPatches: () => 1,
      macs: ({ width, imageSize, patchSize }, classes) => {
        const macs = linearMacs(width, classes, imageSize / patchSize);
        return { trained: macs, predicted: macs };
      },
      layerDecay: () => null,
      rate: ({ lr }) => lr,
      dropPath: 0,
    });
  },
};
