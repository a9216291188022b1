const common = {
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: { '^.+\\.ts$': '@swc/jest' },
  testEnvironment: 'node',
  injectGlobals: false,
};

/** Behaviour that may depend on the store: also tested with a Cluster, where a wrong slot shows, instead of in-process stores. */
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
/** Behaviour of reads and of what every request passes. Writes, starts and stores never meet the fast path. */
const whatTheFastPathServes = [
  'cache/cache',
  'chat-groups/{joined-lists,members,odd-lists,ownership,paging,qr-codes,unknown-groups}',
  'graphql/*',
  'http/!(connection*|early-responses|listeners|request-targets)',
  // Only the fast path serves cached pages beyond the limit.
  'rate-limit/!(concurrency-cached)',
  'tenancy/{access-check,isolation*,refusal-reasons,viewer}',
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
      testMatch: specs(whatTheFastPathServes),
      globals: { TEST_FAST_PATH: 'off' },
    },
    // Each gateway in a test has its own Redis Cluster: see test/support/redis-of-project.ts.
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
