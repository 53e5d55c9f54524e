import { primaryAccuracy, trainAccuracy } from '../accuracy.js';
import { rowsOf, stack } from '../features-view.js';
import { gridOf } from '../grid.js';
import { readOptions } from '../options.js';
import type { Protocol } from '../protocol.js';
import { select } from '../selection.js';
import { nearest } from './neighbours.js';
import { normalise } from './normalise.js';
import { knn, type KnnOptions } from './spec.js';
import { vote } from './vote.js';

/**
 * k is chosen with the training images as bank and validation as queries; the test images then ask the bank of training
 * and validation images. The accuracy on the bank itself is by leaving each image out: an image is its own nearest
 * neighbour and would always be right.
 */
export const knnProtocol: Protocol = {
  needs: 'features',
  async run({ options: given, task, features, progress }) {
    const options = readOptions<KnnOptions>(knn, given);
    const { width } = features;
    const classes = task.classes.length;
    const grid = gridOf({ k: options.k });
    const train = normalise(rowsOf(features.train, width), width);
    const validation = normalise(rowsOf(features.validation, width), width);
    const most = Math.max(...grid.axes['k']!);
    let flops = 0;

    let tried: ReturnType<typeof nearest> | undefined;
    const selection = await select(grid, task, (configuration) => {
      if (tried === undefined) {
        tried = nearest(validation, train, width, most);
        flops += 2 * width * validation.rows * train.rows;
      }
      return Promise.resolve(primaryAccuracy(task, task.validation.labels, vote(tried, task.train.labels, classes, configuration['k']!, options.temperature)));
    });

    const k = selection.chosen['k']!;
    const bank = stack(train, validation);
    const labels = [...task.train.labels, ...task.validation.labels];
    const test = normalise(rowsOf(features.test, width), width);
    progress(1, 2);
    const predictions = vote(nearest(test, bank, width, k), labels, classes, k, options.temperature);
    const own = bank.rows < 2 ? labels : vote(nearest(bank, bank, width, k, true), labels, classes, k, options.temperature);
    flops += 2 * width * bank.rows * (test.rows + bank.rows);
    progress(2, 2);
    return { predictions, trainAccuracy: trainAccuracy(task, labels, own), curve: [], ...selection, imagesSeen: 0, flops };
  },
};
