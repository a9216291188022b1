const common = {
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: { '^.+\\.ts$': '@swc/jest' },
  testEnvironment: 'node',
  injectGlobals: false,
};

/** Behaviour that may depend on the store: tested with an in-process cache, one Redis, and a Cluster. */
const onEveryStore = [
  'chat-groups/creates',
  'chat-groups/operation-lists',
  'chat-groups/operations',
  'chat-groups/ownership',
  'chat-groups/paging',
  'http/http',
  'http/http-refusals',
  'tenancy/isolation',
  'tenancy/isolation-operations',
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

/** Unit tests are next to their source files; behaviour tests over real HTTP are in test/. */
export default {
  projects: [
    { ...common, displayName: 'unit', testMatch: ['<rootDir>/src/**/*.spec.ts'] },
    {
      ...common,
      displayName: 'behaviour',
      testMatch: ['<rootDir>/test/**/*.spec.ts'],
    },
    // Behaviour must not depend on the fast path: see test/support/fast-path-of-project.ts.
    {
      ...common,
      displayName: 'without-fast-path',
      testMatch: gatewayFolders.map((folder) => `<rootDir>/test/${folder}/**/*.spec.ts`),
      globals: { TEST_FAST_PATH: 'off' },
    },
    // Each gateway in a test has its own Redis: see test/support/redis-of-project.ts.
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
  testTimeout: 60_000,
  // Limited, because behaviour tests mostly wait.
  maxWorkers: 2,
  // Modules stay in memory after a file has run. A worker that reached its limit would fail the file that it runs.
  workerIdleMemoryLimit: '1GB',
  coverageProvider: 'v8',
};
