import { hashJson, isObject, type JsonObject } from '../files.js';
import { createCodeReader, defaultDist, type CodeReader } from './code.js';
import type { JobNode, Plan, PlannedJob } from './job.js';
import { inputsFirst } from './order.js';

export interface PlanOptions {
  /** Folder of the built files that the modules are relative to. Default: this project's dist/. */
  readonly dist?: string;
  readonly code?: CodeReader;
}

/** Raised when keys are made in another way, so that old objects are not taken for new ones. */
const keyVersion = 2;

/**
 * The key of a job: the hash of everything that can change its result, and of nothing else. The machine, titles, tags,
 * cost estimates and the job's id are not in it.
 */
export const jobKey = (job: Pick<PlannedJob, 'kind' | 'config' | 'unkeyed' | 'threads' | 'code'>, inputKeys: Readonly<Record<string, string>>): string => {
  const config = (job.unkeyed ?? []).reduce(without, job.config);
  return hashJson({ version: keyVersion, kind: job.kind, config, threads: job.threads, code: job.code, inputs: inputKeys });
};

/** The data without what lies at a place; as they are where there is nothing. */
function without(data: JsonObject, [step, ...rest]: readonly string[]): JsonObject {
  if (step === undefined || !Object.hasOwn(data, step)) return data;
  const { [step]: part, ...others } = data;
  return rest.length === 0 ? others : isObject(part) ? { ...others, [step]: without(part, rest) } : data;
}


/** Orders and hashes the nodes. JobError for a cycle, an unknown input, a doubled id or a module that is not built. */
export async function makePlan(suite: string, nodes: readonly JobNode[], options: PlanOptions = {}): Promise<Plan> {
  const reader = options.code ?? createCodeReader(options.dist ?? defaultDist());
  const keys = new Map<string, string>();
  const jobs: PlannedJob[] = [];
  for (const node of inputsFirst(nodes)) {
    const code = (await reader.codeOf(node.modules)).hash;
    const inputKeys = Object.fromEntries(Object.entries(node.inputs).map(([role, id]) => [role, keys.get(id)!]));
    const key = jobKey({ ...node, code }, inputKeys);
    keys.set(node.id, key);
    jobs.push({ ...node, key, code });
  }
  return { suite, jobs };
}
