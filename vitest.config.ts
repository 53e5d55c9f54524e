import { defineConfig } from 'vitest/config';

/**
 * Processes, not threads: the tensor runtime's addon cannot be loaded twice in one process, and its thread settings are
 * read once. Two at a time fit two cores; a file that needs the whole machine says so itself.
 */
export default defineConfig({
  test: {
    environment: 'node',
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/engine/set-up.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    teardownTimeout: 10_000,
    restoreMocks: true,
    unstubEnvs: true,
  },
});
