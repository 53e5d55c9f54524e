import { defineConfig } from 'vitest/config';

/** Folders whose files share two processes, so that modules are loaded once: what a file there sets it must take back. */
const sharing = ['bench', 'data', 'jobs', 'methods', 'metrics', 'models', 'protocols', 'report', 'results', 'suite', 'training'];
/** Files in those folders that replace modules, which others have loaded by then. */
const replacing = ['test/jobs/judged-pictures.test.ts', 'test/jobs/speed-memory.test.ts'];

/**
 * Processes, not threads: the tensor runtime's addon cannot be loaded twice in one process, and its thread settings are
 * read once. Two at a time fit two cores; a file that needs the whole machine says so itself. The files of other folders have their own: they add to
 * registries, replace modules, or change what a library reads once.
 */
export default defineConfig({
  test: {
    environment: 'node',
    globalSetup: ['test/temporary-root.ts', 'test/engine/set-up.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    teardownTimeout: 10_000,
    restoreMocks: true,
    unstubEnvs: true,
    projects: [
      { extends: true, test: { name: 'own', include: ['test/*.test.ts', `test/!(${sharing.join('|')})/**/*.test.ts`, ...replacing], sequence: { groupOrder: 0 } } },
      { extends: true, test: { name: 'shared', include: [`test/{${sharing.join(',')}}/**/*.test.ts`], exclude: replacing, isolate: false, sequence: { groupOrder: 1 } } },
    ],
  },
});
