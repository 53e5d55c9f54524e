import type { CompileSpec, Engine, HostArray } from '../../src/engine/contract.js';
import type { JsonObject } from '../../src/files.js';
import { methods } from '../../src/methods/index.js';
import type { TrainMethod } from '../../src/methods/method.js';
import { protocols } from '../../src/protocols/index.js';
import { givenTo, optionsOf, smallModel } from '../methods/small-options.js';
import { filled } from '../protocols/filled.js';
import { judge } from '../protocols/judge.js';
import { toy, toyEncoder, toyModel } from '../protocols/toy.js';
import { toyMaps } from '../protocols/toy-maps.js';
import { toyObjects } from '../protocols/toy-objects.js';

/** What the engine is asked to compile by the methods and protocols that there are. */

/** Options of methods that take another way through their step; every method is compiled with its own small ones too. */
const otherWays: Readonly<Record<string, readonly JsonObject[]>> = {
  mae: [{ norm_pix_loss: false }],
  moce: [{ gate: 'token' }, { noise_std: 0, loss_weights: { importance: 0, load: 0, confidence: 0, distillation: 0 } }],
  mixedae: [{ segment_embed: false, topk: 'off', contrastive: { weight: 0, temperature: 0.25, width: 'model', depth: 2 } }, { contrastive: { weight: 0.1, temperature: 0.25, width: 8, depth: 3 } }, { topk_class_token: 'alike', topk_blocks: 'all' }],
  ibot: [{ drop_path: 0, freeze_last_layer_epochs: 0 }],
};
const trained = Object.values(methods).filter(({ kind }) => kind === 'train');
export const methodWays: readonly (readonly [name: string, changes: JsonObject])[] =
  trained.flatMap(({ name }) => [{}, ...(otherWays[name] ?? [])].map((changes) => [name, changes] as const));

/** `draws`: what a function takes beside images. */
export interface MethodSpec { readonly spec: CompileSpec; readonly draws: (name: string, step: number) => Readonly<Record<string, HostArray>> }

export const specOfMethod = async (name: string, changes: JsonObject): Promise<CompileSpec> => (await buildMethod(name, changes)).spec;

export async function buildMethod(name: string, changes: JsonObject): Promise<MethodSpec> {
  const method = (await methods[name]!.load()) as TrainMethod;
  const options = { ...(await optionsOf(name)), ...changes };
  const recipe = method.build({ model: smallModel, options, batchSize: 4, seed: 0, totalSteps: 10, stepsPerEpoch: 5, ...(await givenTo(name, options, 0)) });
  const { preview, heldOut } = recipe;
  return {
    spec: {
      params: recipe.params, optimizer: recipe.optimizer,
      functions: { train: recipe.train, ...(preview === undefined ? {} : { preview: preview.function }), ...(heldOut === undefined ? {} : { held_out: heldOut.function }) },
    },
    draws: (fn, step) => (fn === 'train' ? recipe.draws(step) : fn === 'preview' ? preview!.draws() : {}),
  };
}

/** Of a detector: what it computes is the same, on less. */
const small = { channels: 8, hidden: 16, anchors: 32, proposals: 24, regions: 16 };

/** Options of protocols that take another way through their network; every protocol runs with its defaults else. */
const ways: Readonly<Record<string, readonly JsonObject[]>> = {
  'fine-tune': [{ steps: 2, batch_size: 4 }, { steps: 2, batch_size: 4, pool: 'cls' }, { steps: 2, batch_size: 4, drop_path: 0.1 }],
  upernet: [{ steps: 2, batch_size: 2, drop_path: 0, channels: 8 }, { steps: 2, batch_size: 2, channels: 8 }],
  'linear-segmentation': [{ steps: 2, batch_size: 2 }],
  'mask-rcnn': [{ steps: 2, batch_size: 2, strides: [0.5, 1, 2], drop_path: 0.1, ...small }],
  'cascade-mask-rcnn': [{ steps: 2, batch_size: 2, ...small }],
};
export const protocolWays: readonly (readonly [name: string, options: JsonObject])[] =
  Object.keys(protocols).flatMap((name) => (ways[name] ?? [{}]).map((options) => [name, options] as const));

/** Runs a protocol on a toy task, for what it compiles. */
export async function runProtocol(engine: Engine, name: string, options: JsonObject): Promise<void> {
  const protocol = await protocols[name]!.load();
  const common = { engine, model: toyModel, options: filled(name, options), seed: 0, encoder: toyEncoder(), progress: () => undefined, log: () => undefined, phases: { enter: () => undefined } };
  if (protocol.judges === 'detection') await protocol.run({ ...common, ...toyObjects({ train: 4, validation: 2, test: 2 }, { size: 32 }) });
  else if (protocol.judges === 'segmentation') await protocol.run({ ...common, ...toyMaps({ train: 4, validation: 2, test: 2 }) });
  else await judge(protocol, { ...common, ...toy({ train: [4, 4], validation: [2, 2], test: [2, 2] }) });
}
