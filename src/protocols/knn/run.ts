import { primaryAccuracy, trainAccuracy } from '../accuracy.js';
import { rowsOf, stack } from '../features-view.js';
import { gridOf } from '../grid.js';
import type { Protocol } from '../protocol.js';
import { select } from '../selection.js';
import { knnOptions } from './options.js';
import { nearest } from './neighbours.js';
import { normalise } from './normalise.js';
import { vote } from './vote.js';

/**
 * k is chosen with the training images as bank and validation as queries; the test images then ask the bank of training
 * and validation images. The accuracy on training images is that of asking the bank about its own images, each of which
 * finds itself first: it is near 1 whatever the features are, because nothing is trained that could fail to learn. (Leaving
 * each image out would be no measure of that either: its class is then one image short, and small classes lose by it.)
 */
export const knnProtocol: Protocol = {
  needs: 'features',
  async run({ options: given, task, features, progress, phases }) {
    const options = knnOptions(given);
    const { width } = features;
    const classes = task.classes.length;
    const grid = gridOf({ k: options.k }, { k: 1 });
    const train = normalise(rowsOf(features.train, width), width);
    const validation = normalise(rowsOf(features.validation, width), width);
    const most = Math.max(...grid.axes['k']!);
    let flops = 0;

    phases.enter('evaluate');
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
    const own = vote(nearest(bank, bank, width, k), labels, classes, k, options.temperature);
    flops += 2 * width * bank.rows * (test.rows + bank.rows);
    phases.enter('other');
    progress(2, 2);
    return { predictions, trainAccuracy: trainAccuracy(task, labels, own), curve: [], ...selection, imagesSeen: 0, flops };
  },
};
