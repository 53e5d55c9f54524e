import type { Json } from '../files.js';
import type { Plan } from '../runner/job.js';
import type { ResolvedSuite } from '../suite/resolved.js';
import { decideClaims } from './claims/decide.js';
import { costsOf } from './costs.js';
import { speedRows } from './speed-rows.js';
import { oracleValues } from './oracle.js';
import { validateRunRecord } from './schema.js';
import { sharedEncoders } from './shared-encoders.js';
import { snapshotsOf } from './snapshots.js';
import type { Failure, Restatement, Result, RunRecord } from './types.js';
import { resultVersion } from './version.js';

interface CollectArguments {
  readonly suite: ResolvedSuite;
  /** The suite file as the user wrote it. */
  readonly suiteText: string;
  readonly plan: Plan;
  /** The finished result of a key (already validated on read), null where there is none. */
  readonly readResult: (key: string) => Result | null | Promise<Result | null>;
  /** Bytes of an artifact beside a finished result, null where there is none. Without it the report has no pictures. */
  readonly readArtifact?: (key: string, file: string) => Uint8Array | null | Promise<Uint8Array | null>;
  readonly failures: readonly Failure[];
  /** One line on each method and protocol, by `method/NAME` and `protocol/NAME`. */
  readonly descriptions?: Readonly<Record<string, string>>;
  /** By method. */
  readonly restatements?: Readonly<Record<string, Restatement>>;
}

/**
 * Jobs whose pictures a report shows: attention maps, pre-trainings, clusterings and predictions of the lowest seed of every entry (predictions: of every
 * protocol too); further seeds show nothing new and would double the report's size. None of an encoder on its way, or of an oracle's choices.
 */
function previewJobs(plan: Plan, suite: ResolvedSuite): readonly { readonly key: string }[] {
  const apart = new Set(suite.entries.flatMap(({ name, oracle_of: owner }) => (owner === undefined ? [] : [name])));
  const first = new Map<string, { key: string; seed: number }>();
  for (const { kind, key, id, tags } of plan.jobs) {
    if (kind !== 'pretrain' && kind !== 'cluster' && kind !== 'attention' && kind !== 'transfer') continue;
    if (kind === 'transfer' && (tags['snapshot'] !== undefined || apart.has(tags['entry'] ?? ''))) continue;
    const place = JSON.stringify([kind, tags['entry'] ?? id, tags['task'] ?? '', tags['protocol'] ?? '']);
    const seed = Number(tags['seed'] ?? 0);
    const known = first.get(place);
    if (known === undefined || seed < known.seed) first.set(place, { key, seed });
  }
  return [...first.values()];
}

/** The PNG that a job has left. */
function pictureOf(result: Result): string | undefined {
  switch (result.kind) {
    case 'pretrain': return result.preview?.file;
    case 'cluster': return result.gallery.file;
    case 'attention': return result.picture;
    case 'transfer': return result.taskKind === 'classification' ? undefined : result.pictures?.file;
    default: return undefined;
  }
}

/**
 * Everything that a report is made from, out of a plan and the store (through `readResult`). A job that two entries share
 * is in `results` once. A failure of a job that has finished since is dropped.
 */
export async function collect(args: CollectArguments): Promise<RunRecord> {
  const results = new Map<string, Result>();
  for (const { key } of args.plan.jobs) {
    if (results.has(key)) continue;
    const result = await args.readResult(key);
    if (result !== null) results.set(key, result);
  }
  const planned = new Set(args.plan.jobs.map(({ key }) => key));
  const failures = args.failures.filter(({ key }) => planned.has(key) && !results.has(key));
  const failed = new Set(failures.map(({ key }) => key));
  const pending = args.plan.jobs.filter(({ key }) => !results.has(key) && !failed.has(key)).map(({ id }) => id);

  const previews: Record<string, string> = {};
  for (const { key } of previewJobs(args.plan, args.suite)) {
    const result = results.get(key);
    const file = result === undefined ? undefined : pictureOf(result);
    if (file === undefined) continue;
    const bytes = (await args.readArtifact?.(key, file)) ?? null;
    if (bytes !== null) previews[key] = Buffer.from(bytes).toString('base64');
  }

  const finished = [...results.values()].map(({ finishedAt }) => finishedAt).sort();
  const jobs = args.plan.jobs.map(({ id, key, kind, inputs, tags }) => ({ id, key, kind, inputs, tags }));
  const record: RunRecord = {
    schema: resultVersion,
    suite: args.suite as unknown as Json,
    suiteText: args.suiteText,
    version: [...results.values()][0]?.version ?? 'unknown',
    createdAt: finished.at(-1) ?? new Date(0).toISOString(),
    complete: pending.length === 0 && failures.length === 0,
    results: [...results.values()],
    failures,
    pending,
    jobs,
    sharedEncoders: sharedEncoders(jobs),
    previews,
    ...(args.descriptions === undefined ? {} : { descriptions: args.descriptions }),
    ...(Object.keys(args.restatements ?? {}).length === 0 ? {} : { restatements: args.restatements! }),
  };
  const speed = speedRows(record);
  const oracle = oracleValues(record);
  const snapshots = snapshotsOf(record);
  const claims = decideClaims(record);
  return validateRunRecord({ ...record, costs: costsOf(record), ...(speed.length === 0 ? {} : { speed }), ...(oracle.length === 0 ? {} : { oracle }), ...(snapshots === undefined ? {} : { snapshots }), ...(claims.length === 0 ? {} : { claims }) });
}
