/** @type {import('jest').Config} */
export default {
  testMatch: ['<rootDir>/packages/*/test/**/*.test.ts', '<rootDir>/e2e/**/*.test.ts'],
  injectGlobals: false,
  extensionsToTreatAsEsm: ['.ts'],
  testEnvironmentOptions: { customExportConditions: ['@dsv/source', 'node', 'node-addons'] },
  modulePathIgnorePatterns: ['/dist/', '/bundle/'],
  coverageProvider: 'v8',
  testTimeout: 30_000,
  // Jest leaves one core free, which on two cores is half of them.
  maxWorkers: '100%',
  setupFiles: ['<rootDir>/e2e/property-seed.ts'],
  transform: {
    '\\.ts$': [
      '@swc/jest',
      {
        jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
        module: { type: 'es6' },
        sourceMaps: 'inline',
      },
    ],
  },
}
