const common = {
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: { '^.+\\.ts$': '@swc/jest' },
  testEnvironment: 'node',
  injectGlobals: false,
};

/** Pure logic stands beside its file; behaviour, over real HTTP, in test/. */
export default {
  projects: [
    { ...common, displayName: 'unit', testMatch: ['<rootDir>/src/**/*.spec.ts'] },
    { ...common, displayName: 'behaviour', testMatch: ['<rootDir>/test/**/*.spec.ts'] },
  ],
  testTimeout: 30_000,
  coverageProvider: 'v8',
};
