import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EngineError } from '../../errors.js';
import type { NativeBackend } from '../native.js';
import type { GraphNode } from './graph.js';
import { savedModelBytes, writeSavedModel } from './saved-model.js';

/** A graph that TensorFlow holds, with its own variables. */
export interface LoadedGraph { readonly hash: string; readonly id: number }

/**
 * Loading a graph costs more than tracing it, and its first run more again (TensorFlow optimises it then). A graph that is
 * given back waits here for the next model of the same shape. The oldest go when there are too many.
 */
const IDLE_LIMIT = 12;
const idle: LoadedGraph[] = [];

export function takeGraph(backend: NativeBackend, nodes: readonly GraphNode[]): LoadedGraph {
  const bytes = savedModelBytes(nodes);
  const hash = createHash('sha256').update(bytes).digest('hex');
  const waiting = idle.findIndex((graph) => graph.hash === hash);
  if (waiting >= 0) return idle.splice(waiting, 1)[0]!;
  const folder = mkdtempSync(join(tmpdir(), 'maskbench-graph-'));
  try {
    writeSavedModel(folder, bytes);
    return { hash, id: backend.binding.loadSavedModel(folder, 'serve') };
  } catch (cause) {
    throw new EngineError(`TensorFlow cannot load a traced graph: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
      fix: 'This is a fault of the engine: please report it with this message.',
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export function giveBackGraph(backend: NativeBackend, graph: LoadedGraph): void {
  idle.push(graph);
  if (idle.length > IDLE_LIMIT) backend.binding.deleteSavedModel(idle.shift()!.id);
}
