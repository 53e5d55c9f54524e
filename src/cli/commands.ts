import type { Command } from 'commander';

/** The commands in the order of the help. Each lives in a file of its own and is loaded when it is asked for. */
export const commands: Readonly<Record<string, () => Promise<Command>>> = {
  run: async () => (await import('./run.js')).runCommand(),
  plan: async () => (await import('./plan.js')).planCommand(),
  report: async () => (await import('./report.js')).reportCommand(),
  baseline: async () => (await import('./baseline.js')).baselineCommand(),
  compare: async () => (await import('./compare.js')).compareCommand(),
  data: async () => (await import('./data.js')).dataCommand(),
  engine: async () => (await import('./engine.js')).engineCommand(),
  store: async () => (await import('./store.js')).storeCommand(),
  export: async () => (await import('./export.js')).exportCommand(),
  eval: async () => (await import('./eval.js')).evalCommand(),
};
