const common = {
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: { '^.+\\.ts$': '@swc/jest' },
  testEnvironment: 'node',
  injectGlobals: false,
};

/** Behaviour that a store could change: shown with pages in the process, in one Redis, and in a Cluster. */
const onEveryStore = [
  'chat-groups/creates',
  'chat-groups/operations',
  'chat-groups/ownership',
  'chat-groups/paging',
  'http/http',
  'http/http-refusals',
  'tenancy/isolation',
];
/** Folders whose tests send requests to a gateway. */
const gatewayFolders = [
  'app',
  'cache',
  'chat-groups',
  'graphql',
  'http',
  'idempotency',
  'rate-limit',
  'tenancy',
];
const specs = (names) => names.map((name) => `<rootDir>/test/${name}.spec.ts`);

/** Pure logic stands beside its file; behaviour, over real HTTP, in test/. */
export default {
  projects: [
    { ...common, displayName: 'unit', testMatch: ['<rootDir>/src/**/*.spec.ts'] },
    {
      ...common,
      displayName: 'behaviour',
      testMatch: ['<rootDir>/test/**/*.spec.ts'],
    },
    // What a gateway does must not depend on its fast path: see test/support/fast-path-of-project.ts.
    {
      ...common,
      displayName: 'without-fast-path',
      testMatch: gatewayFolders.map((folder) => `<rootDir>/test/${folder}/**/*.spec.ts`),
      globals: { TEST_FAST_PATH: 'off' },
    },
    // Each gateway of a test gets a Redis of its own, see test/support/redis-of-project.ts.
    {
      ...common,
      displayName: 'redis',
      testMatch: specs([...onEveryStore, 'chat-groups/faults']),
      globals: { TEST_REDIS: 'server' },
    },
    {
      ...common,
      displayName: 'cluster',
      testMatch: specs(onEveryStore),
      globals: { TEST_REDIS: 'cluster' },
    },
  ],
  testTimeout: 30_000,
  // Behaviour waits more than it computes.
  maxWorkers: 2,
  coverageProvider: 'v8',
};
