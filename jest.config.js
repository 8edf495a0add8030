import { mkdtempSync, rmSync, statfsSync } from 'node:fs'

keepTestsInMemory()

/** @type {import('jest').Config} */
export default {
  testMatch: ['<rootDir>/packages/*/test/**/*.test.ts', '<rootDir>/e2e/**/*.test.ts'],
  // Minutes of kills, faults and random bytes: `npm run reliability`.
  testPathIgnorePatterns: ['/node_modules/', '<rootDir>/e2e/reliability/'],
  injectGlobals: false,
  extensionsToTreatAsEsm: ['.ts'],
  testEnvironmentOptions: { customExportConditions: ['@dsv/source', 'node', 'node-addons'] },
  modulePathIgnorePatterns: ['/dist/', '/bundle/'],
  cacheDirectory: '<rootDir>/node_modules/.cache/jest',
  coverageProvider: 'v8',
  testTimeout: 30_000,
  // Jest leaves one core free, which on two cores is half of them.
  maxWorkers: '100%',
  // The modules of a suite are never freed (ES modules in node:vm), and a process that holds many works ever slower.
  workerIdleMemoryLimit: '500MB',
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

/**
 * Most of a test that writes a repository would be waiting for the disk to say that all is safe, which takes five times as
 * long as the rest. Set TMPDIR to have them on a disk.
 */
function keepTestsInMemory() {
  const isParent = process.env.JEST_WORKER_ID === undefined
  if (!isParent || process.platform !== 'linux' || process.env.TMPDIR !== undefined) return
  try {
    const { bavail, bsize } = statfsSync('/dev/shm')
    if (bavail * bsize < 4 * 2 ** 30) return
    const folder = mkdtempSync('/dev/shm/dsv-tests-')
    process.env.TMPDIR = folder
    process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
  } catch {
    // There is none that we may write to.
  }
}
