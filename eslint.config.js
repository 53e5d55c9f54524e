import { fileURLToPath } from 'node:url';
import boundaries from 'eslint-plugin-boundaries';
import { importX } from 'eslint-plugin-import-x';
import tseslint from 'typescript-eslint';

/**
 * Who may import whom in src/ (the arrows of the architecture): a part may import what stands beside it here, and itself.
 * What stands nowhere on the left is a leaf. Everyone may import the single files cache-folder, cpu-name, errors, files, nearest, peak-memory, phases, random, system-reason and thread-pool.
 */
const arrows = {
  cli: ['catalog', 'suite', 'runner', 'report', 'results', 'data', 'metrics', 'training', 'engine'],
  catalog: ['suite', 'runner', 'jobs', 'methods', 'protocols', 'models', 'data'],
  jobs: ['methods', 'protocols', 'training', 'models', 'engine', 'data', 'results', 'metrics'],
  methods: ['training', 'models', 'engine', 'data'],
  protocols: ['training', 'models', 'engine', 'data', 'metrics'],
  training: ['models', 'engine'],
  models: ['engine'],
  report: ['results', 'metrics'],
  results: ['metrics'],
  data: ['metrics'],
  engine: [],
  metrics: [],
  runner: [],
  suite: [],
};

/** Files of types that parts share across the arrows, as types. */
const contracts = [
  'engine/contract', 'data/image-set', 'data/source', 'runner/job', 'models/config', 'suite/resolved', 'methods/method',
  'protocols/protocol', 'results/types', 'jobs/configs',
];

const singles = ['cache-folder', 'cpu-name', 'errors', 'files', 'nearest', 'peak-memory', 'phases', 'random', 'system-reason', 'thread-pool'];
const resolver = fileURLToPath(new URL('scripts/eslint-resolver.cjs', import.meta.url));
// Folders are elements, single files are categories of files.
const isFile = (name) => name === 'catalog';
const from = (name) => (isFile(name) ? { file: { categories: name } } : { element: { type: name } });
const to = (name) => ({ to: from(name) });

const noAddon = { group: ['@tensorflow/tfjs-node*'], message: 'Only engine/ knows the runtime. Use engine.compile.' };
const noTensors = { group: ['@tensorflow/*'], message: 'Tensors belong to engine/, models/, training/ and the steps of methods and protocols.' };

export default tseslint.config(
  { ignores: ['**/dist/', 'node_modules/', 'reports/', 'coverage/', '.maskbench/', 'shared/'] },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'separate-type-imports' }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      // An index that was just checked, or counted to, is known to be there; `!` says so in one character.
      '@typescript-eslint/no-non-null-assertion': 'off',
      // A compiler option (noUncheckedIndexedAccess) and this rule disagree about records; the compiler is the safer one.
      '@typescript-eslint/no-unnecessary-condition': 'off',
      // The contracts' objects are records of functions, without `this`.
      '@typescript-eslint/unbound-method': 'off',
      // Interfaces of the contracts are asynchronous whether or not a member needs it.
      '@typescript-eslint/require-await': 'off',
    },
  },
  {
    files: ['**/*.{ts,js,mjs}'],
    plugins: { 'import-x': importX },
    settings: { 'import-x/resolver': { [resolver]: true }, 'import-x/parsers': { '@typescript-eslint/parser': ['.ts'] }, 'import-x/extensions': ['.ts', '.js', '.mjs'] },
    rules: { 'import-x/no-default-export': 'error', eqeqeq: ['error', 'always', { null: 'ignore' }], 'no-var': 'error', 'prefer-const': 'error' },
  },
  {
    files: ['src/**/*.ts'],
    plugins: { boundaries },
    settings: {
      'import/resolver': { [resolver]: {} },
      'boundaries/include': ['src/**/*.ts'],
      'boundaries/elements': [
        ...Object.keys(arrows).filter((name) => !isFile(name)).map((name) => ({ type: name, pattern: `src/${name}` })),
      ],
      'boundaries/files': [
        { category: 'contract', pattern: contracts.map((name) => `src/${name}.ts`) },
        { category: 'single', pattern: singles.map((name) => `src/${name}.ts`) },
        { category: 'catalog', pattern: 'src/catalog.ts' },
      ],
      'boundaries/dependency-nodes': ['import', 'export', 'dynamic-import'],
    },
    rules: {
      'import-x/no-cycle': ['error', { ignoreExternal: true }],
      'boundaries/dependencies': ['error', {
        default: 'disallow',
        policies: [
          { allow: { to: { module: { origin: ['external', 'core'] } } } },
          { allow: { to: { file: { categories: 'single' } } } },
          { allow: { to: { file: { categories: 'contract' } }, dependency: { kind: 'type' } } },
          ...Object.entries(arrows).flatMap(([part, allowed]) => [part, ...allowed].map((other) => ({ from: from(part), allow: to(other) }))),
        ],
      }],
      'boundaries/no-unknown-files': 'error',
    },
  },
  {
    files: ['src/**/*.ts'],
    ignores: ['src/engine/**'],
    rules: { '@typescript-eslint/no-restricted-imports': ['error', { patterns: [noAddon] }] },
  },
  {
    // Loaded by commands that must start without tensors, or by the plan.
    files: ['src/*.ts', 'src/{cli,data,jobs,metrics,report,results,runner,suite}/**/*.ts', 'src/{methods,protocols}/**/spec.ts', 'src/{methods,protocols}/index.ts'],
    rules: { '@typescript-eslint/no-restricted-imports': ['error', { patterns: [{ ...noTensors, allowTypeImports: true }] }] },
  },
  {
    files: ['test/**/*.ts', 'bench/**/*.ts'],
    rules: {
      // Assertions hand over matchers of type any, and fixtures are promises that nobody awaits.
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
    },
  },
  { files: ['*.config.{ts,js}'], rules: { 'import-x/no-default-export': 'off' } },
);
