import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EngineError, messageOf } from '../../errors.js';
import type { NativeBackend } from '../native.js';
import type { GraphNode } from './graph.js';
import { savedModelBytes, writeSavedModel } from './saved-model.js';

/** A graph that TensorFlow holds, with its own variables, which take `bytes`. */
export interface LoadedGraph { readonly hash: string; readonly id: number; readonly bytes: number }

/**
 * Loading a graph costs more than tracing it, and its first run more again (TensorFlow optimises it then). A graph that is
 * given back waits here for the next model of the same shape. The oldest go when there are too many, or when their variables
 * take too much: those of one ViT-B with its optimiser are 1 GB.
 */
const IDLE_LIMIT = 12;
const IDLE_BYTES = 256 * 2 ** 20;
const idle: LoadedGraph[] = [];

/** A folder with the model. A full temporary folder is no full store, so the error goes without its cause. */
function writeTemporary(model: Uint8Array): string {
  try {
    const folder = mkdtempSync(join(tmpdir(), 'maskbench-graph-'));
    try {
      writeSavedModel(folder, model);
    } catch (error) {
      rmSync(folder, { recursive: true, force: true });
      throw error;
    }
    return folder;
  } catch (error) {
    throw new EngineError(`a graph cannot be written for TensorFlow to load: ${messageOf(error)}`, {
      where: tmpdir(), fix: 'Make room there, or name another folder for temporary files in the environment variable TMPDIR.',
    });
  }
}

/** `bytes`: what the graph's variables take. */
export function takeGraph(backend: NativeBackend, nodes: readonly GraphNode[], bytes: number): LoadedGraph {
  const model = savedModelBytes(nodes);
  const hash = createHash('sha256').update(model).digest('hex');
  const waiting = idle.findIndex((graph) => graph.hash === hash);
  if (waiting >= 0) return idle.splice(waiting, 1)[0]!;
  const folder = writeTemporary(model);
  try {
    return { hash, bytes, id: backend.binding.loadSavedModel(folder, 'serve') };
  } catch (cause) {
    throw new EngineError(`TensorFlow cannot load a traced graph: ${messageOf(cause)}`, {
      cause,
      fix: 'This is a fault of the engine: please report it with this message.',
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export function giveBackGraph(backend: NativeBackend, graph: LoadedGraph): void {
  idle.push(graph);
  while (idle.length > IDLE_LIMIT || idle.reduce((sum, { bytes }) => sum + bytes, 0) > IDLE_BYTES) {
    backend.binding.deleteSavedModel(idle.shift()!.id);
  }
}
