import { leftOut } from './test/support/left-out.mjs';

/** @type {import('jest').Config} */
export default {
  testEnvironment: 'node',
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', ...leftOut().flatMap(({ pattern }) => pattern ?? [])],
  globalSetup: '<rootDir>/test/support/announce-left-out.mjs',
  // Types are checked by `npm run typecheck`; here each file is only translated.
  transform: { '\\.ts$': ['ts-jest', { tsconfig: 'config/tsconfig.jest.json' }] },
  modulePathIgnorePatterns: ['<rootDir>/dist/'],
};
