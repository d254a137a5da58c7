/** @type {import('jest').Config} */
export default {
  testEnvironment: 'node',
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  // Types are checked by `npm run typecheck`; here each file is only translated.
  transform: { '\\.ts$': ['ts-jest', { tsconfig: 'config/tsconfig.jest.json' }] },
  modulePathIgnorePatterns: ['<rootDir>/dist/'],
};
