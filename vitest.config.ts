import { defineConfig } from 'vitest/config';

/** Folders whose files share two processes, so that our modules are loaded once: what a file there sets it must take back. */
const shared = ['metrics', 'models', 'report', 'results', 'suite'].map((folder) => `test/${folder}/**/*.test.ts`);

/**
 * Processes, not threads: the tensor runtime's addon cannot be loaded twice in one process, and its thread settings are
 * read once. Two at a time fit two cores; a file that needs the whole machine says so itself. Most files have their own: they add to
 * registries, replace modules, or change what a library reads once.
 */
export default defineConfig({
  test: {
    environment: 'node',
    globalSetup: ['test/engine/set-up.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    teardownTimeout: 10_000,
    restoreMocks: true,
    unstubEnvs: true,
    projects: [
      { extends: true, test: { name: 'own', include: ['test/**/*.test.ts'], exclude: shared, sequence: { groupOrder: 0 } } },
      { extends: true, test: { name: 'shared', include: shared, isolate: false, sequence: { groupOrder: 1 } } },
    ],
  },
});
