import { JobError } from '../errors.js';

/** JobError that names everything that is wrong with a method's options. A suite was checked for the same when it was planned. */
export function refuseProblems(problems: readonly string[]): void {
  if (problems.length > 0) throw new JobError(problems.join('; '), { fix: "Change the method's options in the suite." });
}
