import { hashJson } from '../files.js';
import { createCodeReader, defaultDist, type CodeReader } from './code.js';
import type { JobNode, Plan, PlannedJob } from './job.js';
import { inputsFirst } from './order.js';

export interface PlanOptions {
  /** Folder of the built files that the modules are relative to. Default: this project's dist/. */
  readonly dist?: string;
  readonly code?: CodeReader;
}

/** Raised when keys are made in another way, so that old objects are not taken for new ones. */
const keyVersion = 1;

/**
 * The key of a job: the hash of everything that can change its result, and of nothing else. The machine, titles, tags,
 * cost estimates and the job's id are not in it.
 */
export const jobKey = (job: Pick<PlannedJob, 'kind' | 'config' | 'threads' | 'code'>, inputKeys: Readonly<Record<string, string>>): string =>
  hashJson({ version: keyVersion, kind: job.kind, config: job.config, threads: job.threads, code: job.code, inputs: inputKeys });

/** Orders and hashes the nodes. JobError for a cycle, an unknown input, a doubled id or a module that is not built. */
export async function makePlan(suite: string, nodes: readonly JobNode[], options: PlanOptions = {}): Promise<Plan> {
  const reader = options.code ?? createCodeReader(options.dist ?? defaultDist());
  const keys = new Map<string, string>();
  const jobs: PlannedJob[] = [];
  for (const node of inputsFirst(nodes)) {
    const code = (await reader.codeOf(node.modules)).hash;
    const inputKeys = Object.fromEntries(Object.entries(node.inputs).map(([role, id]) => [role, keys.get(id)!]));
    const key = jobKey({ kind: node.kind, config: node.config, threads: node.threads, code }, inputKeys);
    keys.set(node.id, key);
    jobs.push({ ...node, key, code });
  }
  return { suite, jobs };
}

/** Keys of a job's inputs by role. */
export function inputKeysOf(plan: Plan): (job: PlannedJob) => Readonly<Record<string, string>> {
  const keys = new Map(plan.jobs.map((job) => [job.id, job.key]));
  return (job) => Object.fromEntries(Object.entries(job.inputs).map(([role, id]) => [role, keys.get(id)!]));
}
