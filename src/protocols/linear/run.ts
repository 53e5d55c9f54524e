import { DivergedError } from '../../errors.js';
import type { Engine } from '../../engine/contract.js';
import type { Rows } from '../../models/feature-rows.js';
import type { Phases } from '../../runner/job.js';
import { primaryAccuracy, trainAccuracy } from '../accuracy.js';
import { compiledFor } from '../compiled-cache.js';
import { rowsOf, stack } from '../features-view.js';
import { gridOf } from '../grid.js';
import { trialsOf } from '../grid-size.js';
import type { FeaturesProtocol } from '../protocol.js';
import { select } from '../selection.js';
import { linearOptions, type LinearOptions, searched } from './options.js';
import { fit, oneHot, predict } from './fit.js';
import { standardise, statistics } from './standardise.js';
import { linearSpec } from './step.js';

interface Configuration { readonly lr: number; readonly weight_decay: number }

/** A fit on rows and labels by one configuration; the statistics of BatchNorm are those of these rows. */
function fitOn(engine: Engine, rows: Rows, labels: readonly number[], classes: number, options: LinearOptions, configuration: Configuration, phases: Phases) {
  const { width } = rows;
  const norm = statistics(rows);
  const shape = { rows: rows.rows, width, classes };
  const compiled = compiledFor(engine, { protocol: 'linear', ...shape }, () => linearSpec(shape));
  phases.enter('step');
  const result = fit(compiled, standardise(rows, norm).data, oneHot(labels, classes), width, classes, {
    lr: configuration.lr, weightDecay: configuration.weight_decay, momentum: options.momentum, steps: options.steps,
  });
  phases.enter('other');
  // Forward, and the gradient by the weights: 2 multiply-adds a weight and row.
  const flops = 4 * rows.rows * width * classes * options.steps;
  return { result, flops, apply: (other: Rows): Rows => standardise(other, norm) };
}

export const linearProtocol: FeaturesProtocol = {
  judges: 'classification',
  needs: 'features',
  async run({ engine, options: given, task, features, progress, log, phases }) {
    const options = linearOptions(given);
    const { width } = features;
    const classes = task.classes.length;
    const grid = gridOf(options, searched, { weight_decay: 0 });
    const fits = trialsOf(grid.configurations.length) + 1;
    let done = 0;
    let flops = 0;

    const selection = await select(grid, task, (configuration) => {
      const train = rowsOf(features[configuration.pool].train, width);
      const validation = rowsOf(features[configuration.pool].validation, width);
      const trial = fitOn(engine, train, task.train.labels, classes, options, configuration, phases);
      flops += trial.flops + 2 * validation.rows * width * classes;
      progress(++done * options.steps, fits * options.steps);
      if (trial.result.diverged) {
        log(`linear: diverged at step ${trial.result.step} with ${JSON.stringify(configuration)}`);
        return Promise.resolve('diverged' as const);
      }
      return Promise.resolve(primaryAccuracy(task, task.validation.labels, predict(trial.result.model, trial.apply(validation))));
    });

    const chosen = features[selection.chosen.pool];
    const all = stack(rowsOf(chosen.train, width), rowsOf(chosen.validation, width));
    const labels = [...task.train.labels, ...task.validation.labels];
    const final = fitOn(engine, all, labels, classes, options, selection.chosen, phases);
    flops += final.flops;
    if (final.result.diverged) {
      throw new DivergedError(`the linear probe's loss is not finite at step ${final.result.step}, lr ${selection.chosen.lr}`, {
        where: `task ${task.name}`, fix: 'Use a smaller lr.', data: { step: final.result.step, ...selection.chosen },
      });
    }
    const { model, curve } = final.result;
    const test = rowsOf(chosen.test, width);
    flops += 2 * (test.rows + all.rows) * width * classes;
    phases.enter('evaluate');
    const predictions = predict(model, final.apply(test));
    const own = predict(model, final.apply(all));
    phases.enter('other');
    progress(fits * options.steps, fits * options.steps, curve.at(-1)!.loss);
    return { predictions, trainAccuracy: trainAccuracy(task, labels, own), curve, ...selection, imagesSeen: 0, flops };
  },
};
