import { UsageError } from '../src/errors.js';
import type { DecoderConfig } from '../src/models/mae-decoder.js';
import { standardVits, type VitConfig } from '../src/models/config.js';

/** What is timed: one optimiser step of MAE, of MixedAE, of iBOT or of fine-tuning, or the frozen encoder's features of one batch. */
export type Step = 'mae' | 'mixedae' | 'ibot' | 'fine-tune' | 'features';
/** Those that PyTorch has too. */
const comparedSteps = ['mae', 'fine-tune', 'features'] as const;

/** One step at one size: everything that all contestants must have in common. */
export interface Case {
  /** `<size>/<step>`: `vit-ti-8/mae`. */
  readonly name: string;
  readonly step: Step;
  readonly model: VitConfig;
  readonly batch: number;
  /** MAE's decoder. */
  readonly decoder: DecoderConfig;
  /** Classes of the fine-tuned head. */
  readonly classes: number;
  /** Threads of a process where contestants are compared: one, as workers of a small suite have, or one a core. */
  readonly threads: 'one' | 'all';
  /** Its contestants need more memory together than a machine of two cores has. */
  readonly large?: true;
}

interface Size {
  readonly name: string;
  readonly model: VitConfig;
  readonly batch: Readonly<Record<(typeof comparedSteps)[number], number>>;
  readonly decoder: DecoderConfig;
  readonly classes: number;
  readonly threads: Case['threads'];
  readonly large?: true;
}

/** The decoder of the MAE paper, which is also the default of the method's options. */
const paperDecoder: DecoderConfig = { width: 512, depth: 8, heads: 16 };

const standard = (name: string, batch: number, short: string): Size => ({
  name: `${short}-${batch}`,
  model: { name, imageSize: 224, patchSize: 16, mlpRatio: 4, ...standardVits[name]! },
  batch: { mae: batch, 'fine-tune': batch, features: batch },
  decoder: paperDecoder,
  classes: 100,
  threads: 'all',
});

/** Model, batches and threads of suites/quick.yaml. */
const quick: Size = {
  name: 'quick',
  model: { name: 'custom', imageSize: 32, patchSize: 8, width: 96, depth: 4, heads: 3, mlpRatio: 4 },
  batch: { mae: 64, 'fine-tune': 32, features: 128 },
  decoder: { width: 48, depth: 1, heads: 4 },
  classes: 24,
  threads: 'one',
};

const casesOf = ({ name, model, batch, decoder, classes, threads, large }: Size): readonly Case[] =>
  comparedSteps.map((step) => ({ name: `${name}/${step}`, step, model, batch: batch[step], decoder, classes, threads, ...(large === undefined ? {} : { large }) }));

const asLarge = (size: Size): Size => ({ ...size, large: true });

const tiny = standard('vit_tiny', 8, 'vit-ti');

/** The sizes whose steps are compared. */
export const speedCases: readonly Case[] = [quick, tiny, asLarge(standard('vit_tiny', 32, 'vit-ti')), asLarge(standard('vit_small', 8, 'vit-s'))].flatMap(casesOf);

/** Two methods' steps at one size, alike in all but the method. */
export interface MethodCases { readonly size: string; readonly mae: Case; readonly mixedae: Case }

const methodsOf = (size: Size): MethodCases => {
  const mae = casesOf(size).find(({ step }) => step === 'mae')!;
  return { size: size.name, mae, mixedae: { ...mae, name: `${size.name}/mixedae`, step: 'mixedae' } };
};

/** The sizes at which MixedAE stands beside MAE. */
export const methodCases: readonly MethodCases[] = [quick, tiny].map(methodsOf);

/** iBOT's two large and ten small views of each image, which its loader makes. */
export const cropsCases: readonly Case[] = methodCases.map(({ size, mae }) => ({ ...mae, name: `${size}/ibot`, step: 'ibot' }));

/** Steps that take a GPU. */
export const gpuCases: readonly Case[] = [64, 256].flatMap((batch) => casesOf(standard('vit_base', batch, 'vit-b'))).filter(({ step }) => step !== 'features');

/** Peak memory of a pre-training process. */
export const memoryCase: Case = casesOf(standard('vit_small', 32, 'vit-s'))[0]!;

/** So small that ten thousand steps take seconds: whether memory grows does not depend on size. */
export const tinyCase: Case = {
  name: 'tiny/mae', step: 'mae', batch: 4, classes: 10, threads: 'one', decoder: { width: 16, depth: 1, heads: 2 },
  model: { name: 'custom', imageSize: 32, patchSize: 8, width: 16, depth: 1, heads: 2, mlpRatio: 4 },
};

/** UsageError for a name that is no case. */
export function caseNamed(name: string): Case {
  const found = [...speedCases, ...gpuCases, memoryCase, tinyCase, ...methodCases.map(({ mixedae }) => mixedae), ...cropsCases].find((one) => one.name === name);
  if (found === undefined) throw new UsageError(`there is no case ${name}`, { fix: `Cases: ${[...speedCases, ...gpuCases].map((one) => one.name).join(', ')}.` });
  return found;
}
