import { readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { UsageError } from '../../errors.js';
import { runProgram } from './processes.js';

/**
 * Checks `ref` of the repository at `root` out into the new folder `at`, with the packages it needs: this checkout's where both want
 * the same, else its own. Gives the commit. UsageError where there is no such commit.
 */
export async function checkOut(root: string, ref: string, at: string): Promise<string> {
  const commit = (await runProgram('git', ['rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`], root).catch((cause: unknown) => {
    throw new UsageError(`"${ref}" is no commit of ${root}`, { fix: 'Run maskbench from its git checkout, and name a branch, tag or commit that is there (git fetch gets more).', cause });
  })).trim();
  await runProgram('git', ['worktree', 'add', '--detach', '--quiet', at, commit], root);
  const [ours, theirs] = await Promise.all([root, at].map((folder) => readFile(join(folder, 'package-lock.json'), 'utf8').catch(() => '')));
  if (ours === theirs) await symlink(join(root, 'node_modules'), join(at, 'node_modules'));
  else await runProgram('npm', ['ci', '--no-audit', '--no-fund'], at);
  return commit;
}

/** Removes the checkout, whatever lies in it. */
export const removeWorktree = async (root: string, at: string): Promise<void> => {
  await runProgram('git', ['worktree', 'remove', '--force', at], root).catch(() => runProgram('git', ['worktree', 'prune'], root));
};
