/** @type {import('jest').Config} */
module.exports = {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
        module: { type: 'commonjs' },
        sourceMaps: 'inline',
      },
    ],
  },
  // Real systems mostly wait; more at once than there are processors makes them wait for each other.
  maxWorkers: 2,
  // What one file leaves on the heap slows the next ones down; a worker that holds too much begins anew.
  workerIdleMemoryLimit: '700MB',
  testSequencer: '<rootDir>/test/longest-first.js',
  testTimeout: 120_000,
};
