import { defineConfig } from 'vitest/config';

/**
 * Files that need a process of their own: they replace modules, change what a library reads once as it loads, or measure
 * their process.
 */
const own = [
  'test/cli/exit-codes.test.ts', 'test/cli/machine-check.test.ts', 'test/engine/graph-ops.test.ts', 'test/engine/runtime/*.test.ts',
  'test/engine/trace-memory.test.ts', 'test/jobs/speed-nodes.test.ts', 'test/training/loop.test.ts',
];

/**
 * Processes, not threads: the tensor runtime's addon cannot be loaded twice in one process, and its thread settings are
 * read once. Two at a time fit two cores; a file that needs the whole machine says so itself. The other files share the
 * two, so that our modules and the runtime are loaded once: what a file sets it must take back.
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
      { extends: true, test: { name: 'own', include: own, sequence: { groupOrder: 0 } } },
      { extends: true, test: { name: 'shared', include: ['test/**/*.test.ts'], exclude: own, isolate: false, sequence: { groupOrder: 1 } } },
    ],
  },
});
