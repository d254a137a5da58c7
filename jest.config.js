import { leftOut } from './test/support/left-out.mjs';

/** @type {import('jest').Config} */
export default {
  testEnvironment: 'node',
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', ...leftOut().flatMap(({ pattern }) => pattern ?? [])],
  setupFiles: ['<rootDir>/test/support/in-english.ts'],
  globalSetup: '<rootDir>/test/support/global-setup.mjs',
  transform: { '\\.ts$': '<rootDir>/test/support/esbuild-transform.mjs' },
  modulePathIgnorePatterns: ['<rootDir>/dist'],
  // On a machine that does other things, too: no test waits for time to pass, so this is for what hangs.
  testTimeout: 30_000,
  // Jest would leave one core to itself; on two that is half of the machine.
  maxWorkers: '100%',
};
