import { StepError } from '../errors.js';
import { didYouMean } from '../nearest.js';
import type { AdamW, CompileSpec, MovingAverage, OptimizerState, ParamSpec } from './contract.js';
import { sizeOf } from './feeds.js';

/** What every engine refuses about parameters and the optimiser's state. */

const WHERE = 'engine.compile';
const MODEL = 'compiled model';

/** Rejects duplicate names, lengths that do not fit, and numbers that cannot be meant. */
export function checkParams(params: readonly ParamSpec[]): void {
  const seen = new Set<string>();
  for (const { name, shape, value, lrScale } of params) {
    if (seen.has(name)) throw new StepError(`parameter "${name}" is given twice`, { where: WHERE, fix: 'Names are unique.' });
    seen.add(name);
    if (value.length !== sizeOf(shape)) {
      throw new StepError(`parameter "${name}" has ${value.length} values; its shape [${shape.join(', ')}] needs ${sizeOf(shape)}`, { where: WHERE, fix: 'Give one value an element, row-major.' });
    }
    if (!Number.isFinite(lrScale) || lrScale < 0) throw new StepError(`parameter "${name}" has lrScale ${lrScale}`, { where: WHERE, fix: 'It is a finite factor of at least 0; 1 when there is none.' });
  }
}

/** Rejects averages of what is not trained, of another shape, or with a momentum that is neither a number nor a declared scalar. */
export function checkAverages({ params, functions }: Pick<CompileSpec, 'params' | 'functions'>): void {
  const byName = new Map(params.map((param) => [param.name, param]));
  for (const { name, shape, trainable, ema } of params) {
    if (ema === undefined) continue;
    const refuse = (message: string, fix: string): StepError => new StepError(`parameter "${name}" ${message}`, { where: WHERE, fix });
    const source = byName.get(ema.of);
    if (trainable) throw refuse('is trained and an average at once', 'Give an average `trainable: false`.');
    if (source === undefined) throw refuse(`is an average of "${ema.of}", which is no parameter${didYouMean(ema.of, byName.keys())}`, 'Name a trainable parameter.');
    if (!source.trainable) throw refuse(`is an average of "${ema.of}", which is not trained`, 'Name a trainable parameter.');
    if (source.shape.join() !== shape.join()) throw refuse(`has shape [${shape.join(', ')}], and what it averages [${source.shape.join(', ')}]`, 'Give both the same shape.');
    if (typeof ema.momentum === 'number') {
      if (!(ema.momentum >= 0 && ema.momentum <= 1)) throw refuse(`has momentum ${ema.momentum}`, 'It lies in [0, 1].');
      continue;
    }
    for (const [fn, { kind, scalars }] of Object.entries(functions)) {
      if (kind === 'train' && !scalars.includes(ema.momentum)) throw refuse(`has the scalar "${ema.momentum}" as its momentum, which function "${fn}" does not declare`, 'Declare it in `scalars`, or give a number.');
    }
  }
}

/** The momentum of one step. */
export const momentumOf = (momentum: MovingAverage['momentum'], scalars: Readonly<Record<string, number>>): number =>
  typeof momentum === 'number' ? momentum : scalars[momentum]!;

export function checkOptimizer({ beta1, beta2, epsilon, clipNorm }: AdamW): void {
  const inRange = beta1 >= 0 && beta1 < 1 && beta2 >= 0 && beta2 < 1 && epsilon >= 0 && (clipNorm === undefined || clipNorm > 0);
  if (!inRange) throw new StepError(`AdamW with beta1 ${beta1}, beta2 ${beta2}, epsilon ${epsilon}, clipNorm ${clipNorm}`, { where: WHERE, fix: 'Betas lie in [0, 1), epsilon is at least 0, clipNorm is above 0 or left out.' });
}

/** Refuses values of parameters that do not exist or have another size. Returns the parameters by name. */
export function checkValues(params: readonly ParamSpec[], values: ReadonlyMap<string, Float32Array>): ReadonlyMap<string, ParamSpec> {
  const byName = new Map(params.map((param) => [param.name, param]));
  for (const [name, array] of values) {
    const param = byName.get(name);
    if (param === undefined) throw new StepError(`there is no parameter "${name}"${didYouMean(name, byName.keys())}`, { where: MODEL, fix: 'Names are those given to compile.' });
    const length = sizeOf(param.shape);
    if (array.length !== length) throw new StepError(`parameter "${name}" needs ${length} values for shape [${param.shape.join(', ')}], got ${array.length}`, { where: MODEL });
  }
  return byName;
}

/** Refuses a state that is not exactly one m and one v for each of `slotted`, the parameters that the optimiser trains. */
export function checkOptimizerState(params: readonly ParamSpec[], slotted: readonly ParamSpec[], state: OptimizerState): void {
  if (!Number.isSafeInteger(state.step) || state.step < 0) throw new StepError(`optimiser step ${state.step} is no step number`, { where: MODEL });
  const names = slotted.map(({ name }) => name);
  for (const [label, map] of [['m', state.m], ['v', state.v]] as const) {
    checkValues(params, map);
    const missing = names.filter((name) => !map.has(name));
    const extra = [...map.keys()].filter((name) => !names.includes(name));
    if (missing.length + extra.length > 0) {
      throw new StepError(`optimiser state ${label} does not fit: missing ${missing.join(', ') || 'none'}; not trained here ${extra.join(', ') || 'none'}`, { where: MODEL, fix: 'It holds one array for each trainable parameter.' });
    }
  }
}
