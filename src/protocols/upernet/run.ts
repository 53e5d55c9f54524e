import { blockPyramid, blockPyramidParams, type Pyramid, pyramidBlocks } from '../../models/pyramid.js';
import { leastBlockPatches } from '../../models/pyramid-sides.js';
import { fcnHead, fcnHeadParams, uperNet, uperNetParams } from '../../models/upernet.js';
import { vitBlocks } from '../../models/vit.js';
import { judgeSegmentation } from '../dense/judge-segmentation.js';
import type { SegmentationHead } from '../dense/network.js';
import { gridOf } from '../grid.js';
import type { SegmentationProtocol } from '../protocol.js';
import { headMacs } from './macs.js';
import { searched, uperNetOptions } from './options.js';

/** The pyramid of four blocks, UperNet, and the auxiliary head on the 2/3 block's map. */
const uperNetHead = (channels: number): SegmentationHead => ({
  params: ({ width, patchSize }, classes, seed) => [
    ...blockPyramidParams('backbone', width, patchSize, seed),
    ...uperNetParams('decode_head', width, channels, classes, seed),
    ...fcnHeadParams('auxiliary_head', width, channels, classes, seed),
  ],
  logits: (model, params, images, norm, dropPath) => {
    const blocks = vitBlocks(model, params, images, pyramidBlocks(model.depth), dropPath === undefined ? {} : { dropPath });
    const maps = blockPyramid(params, 'backbone', blocks as unknown as Pyramid, model.patchSize, norm);
    return { main: uperNet(params, 'decode_head', maps, norm), auxiliary: () => fcnHead(params, 'auxiliary_head', maps[2], norm) };
  },
});

export const uperNetProtocol: SegmentationProtocol = {
  judges: 'segmentation',
  needs: 'encoder',
  run(args) {
    const options = uperNetOptions(args.options);
    const { channels } = options;
    return judgeSegmentation(args, {
      name: 'upernet',
      options,
      grid: gridOf(options, searched, { layer_decay: 1 }),
      head: uperNetHead(channels),
      headShape: { channels },
      leastPatches: leastBlockPatches,
      macs: ({ width, imageSize, patchSize }, classes) => headMacs({ width, channels, classes, side: imageSize / patchSize, patchSize }),
      layerDecay: ({ layer_decay }) => layer_decay,
      rate: ({ lr }) => lr,
      dropPath: options.drop_path,
    });
  },
};
