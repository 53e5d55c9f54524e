import { unitRows } from '../../models/feature-rows.js';
import { primaryAccuracy, trainAccuracy } from '../accuracy.js';
import { rowsOf, stack } from '../features-view.js';
import { gridOf } from '../grid.js';
import type { Pool } from '../pool.js';
import type { FeaturesProtocol, SplitFeatures } from '../protocol.js';
import { select } from '../selection.js';
import { knnOptions, searched } from './options.js';
import { nearest } from './neighbours.js';
import { vote } from './vote.js';

/**
 * k is chosen with the training images as bank and validation as queries; the test images then ask the bank of training
 * and validation images. The accuracy on training images is that of asking the bank about its own images, each of which
 * finds itself first: it is near 1 whatever the features are, because nothing is trained that could fail to learn. (Leaving
 * each image out would be no measure of that either: its class is then one image short, and small classes lose by it.)
 */
export const knnProtocol: FeaturesProtocol = {
  judges: 'classification',
  needs: 'features',
  async run({ options: given, task, features, progress, phases }) {
    const options = knnOptions(given);
    const { width } = features;
    const classes = task.classes.length;
    const grid = gridOf(options, searched, { k: 1 });
    const rows = (pool: Pool, split: keyof SplitFeatures) => unitRows(rowsOf(features[pool][split], width));
    const most = Math.max(...grid.axes.k);
    let flops = 0;

    phases.enter('evaluate');
    const tried = new Map<Pool, ReturnType<typeof nearest>>();
    const selection = await select(grid, task, ({ pool, k }) => {
      let found = tried.get(pool);
      if (found === undefined) {
        const train = rows(pool, 'train');
        const validation = rows(pool, 'validation');
        found = nearest(validation, train, most);
        tried.set(pool, found);
        flops += 2 * width * validation.rows * train.rows;
      }
      return Promise.resolve(primaryAccuracy(task, task.validation.labels, vote(found, task.train.labels, classes, k, options.temperature)));
    });

    const { pool, k } = selection.chosen;
    const bank = stack(rows(pool, 'train'), rows(pool, 'validation'));
    const labels = [...task.train.labels, ...task.validation.labels];
    const test = rows(pool, 'test');
    progress(1, 2);
    const predictions = vote(nearest(test, bank, k), labels, classes, k, options.temperature);
    const own = vote(nearest(bank, bank, k), labels, classes, k, options.temperature);
    flops += 2 * width * bank.rows * (test.rows + bank.rows);
    phases.enter('other');
    progress(2, 2);
    return { predictions, trainAccuracy: trainAccuracy(task, labels, own), curve: [], ...selection, imagesSeen: 0, flops };
  },
};
