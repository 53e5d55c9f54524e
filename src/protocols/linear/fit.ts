import type { Compiled } from '../../engine/contract.js';
import type { Rows } from '../../models/feature-rows.js';

interface LinearModel { readonly weight: Float64Array; readonly bias: Float64Array }

interface FitSettings { readonly lr: number; readonly weightDecay: number; readonly momentum: number; readonly steps: number }

type Fit =
  | { readonly diverged: false; readonly model: LinearModel; readonly curve: readonly { readonly step: number; readonly loss: number }[] }
  | { readonly diverged: true; readonly step: number };

export const oneHot = (labels: readonly number[], classes: number): Float32Array => {
  const out = new Float32Array(labels.length * classes);
  labels.forEach((label, row) => { out[row * classes + label] = 1; });
  return out;
};

/**
 * Gradient descent with momentum as torch.optim.SGD defines it (velocity = momentum * velocity + gradient, the penalty is
 * part of the gradient), from zero weights and bias, lr falling along half a cosine to 0. `compiled` is a `linearSpec` of
 * fitting shape.
 */
export function fit(compiled: Compiled, features: Float32Array, targets: Float32Array, width: number, classes: number, settings: FitSettings): Fit {
  compiled.writeParams(new Map([['features', features], ['targets', targets]]));
  const size = classes * width;
  // Weights and bias in one array, the bias behind; 64 bits, so that small updates of large weights are not lost.
  const parameters = new Float64Array(size + classes);
  const velocity = new Float64Array(size + classes);
  const weight = new Float32Array(size);
  const bias = new Float32Array(classes);
  const curve: { step: number; loss: number }[] = [];
  const every = Math.max(1, Math.ceil(settings.steps / 100));
  for (let step = 0; step < settings.steps; step++) {
    const out = compiled.run('gradient', { weight, bias });
    const loss = out['loss']!.data[0]!;
    if (!Number.isFinite(loss)) return { diverged: true, step };
    if (step % every === 0 || step === settings.steps - 1) curve.push({ step, loss });
    const lr = settings.lr * 0.5 * (1 + Math.cos((Math.PI * step) / settings.steps));
    const byWeight = out['weight']!.data;
    const byBias = out['bias']!.data;
    for (let i = 0; i < size; i++) {
      velocity[i] = settings.momentum * velocity[i]! + byWeight[i]! + settings.weightDecay * parameters[i]!;
      parameters[i] = parameters[i]! - lr * velocity[i]!;
      weight[i] = parameters[i]!;
    }
    for (let i = 0; i < classes; i++) {
      velocity[size + i] = settings.momentum * velocity[size + i]! + byBias[i]!;
      parameters[size + i] = parameters[size + i]! - lr * velocity[size + i]!;
      bias[i] = parameters[size + i]!;
    }
  }
  if (!parameters.every(Number.isFinite)) return { diverged: true, step: settings.steps };
  return { diverged: false, model: { weight: parameters.subarray(0, size), bias: parameters.subarray(size) }, curve };
}

/** Class with the largest logit of each row; of equal ones the smaller index. */
export function predict({ weight, bias }: LinearModel, { data, rows, width }: Rows): Int32Array {
  const classes = bias.length;
  const predictions = new Int32Array(rows);
  for (let row = 0; row < rows; row++) {
    let best = Number.NEGATIVE_INFINITY;
    for (let label = 0; label < classes; label++) {
      let logit = bias[label]!;
      for (let j = 0; j < width; j++) logit += weight[label * width + j]! * data[row * width + j]!;
      if (logit > best) {
        best = logit;
        predictions[row] = label;
      }
    }
  }
  return predictions;
}
