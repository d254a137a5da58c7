/**
 * Who may import what, denied by default: for each room of the code the files of other rooms, the packages and
 * the built-in modules that it may import. A room may always import itself; a file that is in no room may import
 * nothing. Types count like everything else, and so do `import()` and `export … from`.
 *
 * docs/architecture.md says why; `test/process/import-rooms.test.ts` plants wrong imports.
 */
export const rooms = [
  { room: 'src/protocol.ts' },
  {
    room: 'src/chat/**',
    files: ['src/protocol.ts'],
    builtins: ['crypto', 'timers/promises'],
  },
  { room: 'src/crypto/**' },
  // The texts of the page in all languages.
  { room: 'src/messages/**' },
  {
    room: 'src/process/**',
    files: ['src/protocol.ts', 'src/chat/**', 'config/settings.ts'],
    packages: ['pino'],
    builtins: ['events', 'fs', 'http', 'net', 'path'],
  },
  {
    // The chats of one process, and the steps over them.
    room: 'src/embedded/memory/**',
    files: ['src/protocol.ts', 'src/chat/**'],
    builtins: ['buffer'],
  },
  {
    // What makes them last: only here is a database.
    room: 'src/embedded/journal/**',
    files: [
      'src/protocol.ts',
      'src/chat/**',
      'src/embedded/memory/**',
      'src/process/project-root.ts',
    ],
    packages: ['libsql'],
    builtins: ['crypto', 'fs', 'path', 'worker_threads'],
  },
  {
    // How the shell asks the one process that has the chats.
    room: 'src/embedded/operators/**',
    files: ['src/protocol.ts', 'src/chat/**'],
    builtins: ['buffer', 'fs', 'net', 'os', 'path', 'readline'],
  },
  {
    room: 'src/embedded/*.ts',
    files: ['src/protocol.ts', 'src/chat/**', 'src/embedded/**', 'config/settings.ts'],
    packages: ['croner'],
    builtins: ['timers/promises', 'v8'],
  },
  {
    room: 'src/distributed/mongo/**',
    files: ['src/protocol.ts', 'src/chat/**', 'src/process/**'],
    packages: ['mongodb', 'pino'],
    builtins: ['crypto', 'timers/promises'],
  },
  {
    room: 'src/distributed/redis/**',
    files: ['src/protocol.ts', 'src/chat/**', 'src/process/**'],
    packages: ['ioredis', 'pino', 'rate-limiter-flexible'],
    builtins: ['crypto', 'timers/promises'],
  },
  {
    room: 'src/distributed/queue/**',
    files: ['src/protocol.ts', 'src/chat/**', 'src/process/**', 'src/distributed/redis/**'],
    packages: ['bullmq', 'croner', 'ioredis', 'pino'],
    builtins: ['timers/promises'],
  },
  {
    room: 'src/distributed/*.ts',
    files: [
      'src/protocol.ts',
      'src/chat/**',
      'src/process/**',
      'src/distributed/**',
      'config/settings.ts',
    ],
    packages: ['ioredis', 'pino'],
    builtins: ['crypto'],
  },
  {
    room: 'src/http/*.ts',
    files: ['src/protocol.ts', 'src/chat/**'],
    packages: ['express', 'helmet', 'ipaddr.js', 'pino'],
    builtins: ['crypto', 'http', 'net', 'stream', 'zlib'],
  },
  {
    room: 'src/http/pages/**',
    files: [
      'src/protocol.ts',
      'src/messages/**',
      'src/chat/**',
      'src/http/*.ts',
      'src/http/ops/**',
    ],
    packages: ['express', 'pino'],
    builtins: ['crypto', 'fs', 'path', 'zlib'],
  },
  {
    room: 'src/http/ops/**',
    files: ['src/protocol.ts', 'src/chat/**', 'src/http/*.ts'],
    packages: ['express', 'ipaddr.js', 'pino', 'prom-client'],
    builtins: ['http', 'timers/promises'],
  },
  {
    room: 'src/http/api/**',
    files: ['src/protocol.ts', 'src/chat/**', 'src/http/*.ts', 'src/http/pages/**'],
    packages: ['express', 'pino', 'zod'],
    builtins: ['buffer'],
  },
  {
    room: 'src/http/admin/**',
    files: [
      'src/protocol.ts',
      'src/chat/**',
      'src/http/*.ts',
      'src/http/ops/**',
      'src/http/pages/**',
    ],
    packages: ['@bull-board/api', '@bull-board/express', 'express'],
    builtins: ['crypto', 'timers/promises'],
  },
  {
    // What all gateways share, and the table of them.
    room: 'src/gateways/*.ts',
    files: [
      'src/protocol.ts',
      'src/chat/**',
      'src/http/*.ts',
      'src/http/api/authenticate.ts',
      'src/http/api/bearer.ts',
      'src/gateways/**',
    ],
    packages: ['express', 'pino'],
    builtins: ['crypto', 'stream'],
  },
  {
    room: 'src/gateways/nereid/**',
    files: [
      'src/protocol.ts',
      'src/chat/**',
      'src/http/*.ts',
      'src/http/api/authenticate.ts',
      'src/http/api/bearer.ts',
      'src/gateways/*.ts',
    ],
    packages: ['express', 'pino'],
    builtins: ['buffer', 'crypto', 'http'],
  },
  {
    room: 'src/gateways/gradagenda/**',
    files: [
      'src/protocol.ts',
      'src/chat/**',
      'src/http/*.ts',
      'src/http/api/authenticate.ts',
      'src/http/api/bearer.ts',
      'src/gateways/*.ts',
    ],
    packages: ['express', 'pino', 'ws', 'zod'],
    builtins: ['crypto', 'http'],
  },
  {
    // What every client of ours shares, the page and the command line: no DOM, nothing of Node.js.
    room: 'src/client/api/**',
    files: ['src/protocol.ts', 'src/chat/clock.ts', 'src/chat/failures.ts'],
  },
  {
    room: 'src/client/keys/**',
    files: ['src/protocol.ts', 'src/crypto/index.ts'],
  },
  {
    room: 'src/client/connection/**',
    files: [
      'src/protocol.ts',
      'src/chat/clock.ts',
      'src/chat/failures.ts',
      'src/crypto/index.ts',
      'src/client/api/**',
      'src/client/keys/**',
    ],
  },
  {
    // The client for programs.
    room: 'src/client/*.ts',
    files: [
      'src/protocol.ts',
      'src/chat/clock.ts',
      'src/chat/failures.ts',
      'src/crypto/index.ts',
      'src/crypto/words.ts',
      'src/client/**',
    ],
  },
  {
    // The command line: a user of the client like any other.
    room: 'src/cli/**',
    files: ['src/protocol.ts', 'src/crypto/index.ts', 'src/client/index.ts'],
    packages: ['uqr'],
    builtins: ['module', 'readline', 'stream', 'timers/promises', 'tty', 'util'],
  },
  {
    room: 'src/browser/session/**',
    files: [
      'src/protocol.ts',
      'src/messages/**',
      'src/chat/clock.ts',
      'src/chat/failures.ts',
      'src/crypto/index.ts',
      'src/client/**',
    ],
  },
  {
    room: 'src/browser/keys/**',
    files: ['src/protocol.ts', 'src/crypto/index.ts', 'src/client/**', 'src/browser/session/**'],
  },
  {
    room: 'src/browser/room/**',
    files: [
      'src/protocol.ts',
      'src/messages/**',
      'src/chat/clock.ts',
      'src/chat/failures.ts',
      'src/crypto/index.ts',
      'src/client/**',
      'src/browser/keys/**',
      'src/browser/session/**',
    ],
  },
  {
    room: 'src/browser/view/**',
    files: [
      'src/protocol.ts',
      'src/messages/**',
      'src/chat/clock.ts',
      'src/chat/failures.ts',
      'src/crypto/index.ts',
      'src/crypto/words.ts',
      'src/client/**',
      'src/browser/session/**',
      'src/browser/room/**',
      'src/browser/worker/page-request.ts',
    ],
    packages: ['uqr'],
  },
  {
    // What is kept of the page in the browser; it knows nothing of chats.
    room: 'src/browser/worker/**',
  },
  {
    room: 'src/browser/*.ts',
    files: [
      'src/protocol.ts',
      'src/messages/**',
      'src/chat/clock.ts',
      'src/chat/failures.ts',
      'src/crypto/index.ts',
      'src/client/**',
      'src/browser/**',
    ],
  },
  {
    room: 'src/app.ts',
    files: ['src/protocol.ts', 'src/chat/**', 'src/http/**', 'src/gateways/gateway.ts'],
    packages: ['express', 'pino'],
  },
  {
    // The contract of a mode, and the switch that imports one.
    room: 'src/backend.ts',
    files: ['src/chat/**', 'src/embedded/**', 'src/distributed/**', 'config/settings.ts'],
    packages: ['pino'],
  },
  {
    // The one place where parts meet.
    room: 'src/compose*.ts',
    files: [
      'src/app.ts',
      'src/backend.ts',
      'src/compose-termination.ts',
      'src/chat/**',
      'src/http/**',
      'src/gateways/open.ts',
      'config/settings.ts',
    ],
    packages: ['pino'],
  },
  {
    room: 'src/server.ts',
    files: [
      'src/app.ts',
      'src/backend.ts',
      'src/chat/**',
      'src/compose.ts',
      'src/process/**',
      'src/http/at-most-every.ts',
      'src/http/http-server.ts',
      'config/settings.ts',
    ],
    packages: ['pino'],
    builtins: ['path'],
  },
  {
    room: 'workers/**',
    files: [
      'src/protocol.ts',
      'src/chat/**',
      'src/process/**',
      'src/backend.ts',
      'src/compose-termination.ts',
      'config/settings.ts',
    ],
    builtins: ['timers/promises', 'util'],
  },
  {
    room: 'config/**',
    files: ['src/protocol.ts', 'src/gateways/names.ts'],
    packages: ['croner'],
    builtins: ['fs', 'net'],
  },
];

const anyOf = (names) => names.map((name) => name.replaceAll(/[.\\/]/g, String.raw`\$&`)).join('|');

/** The rules of one room; without `files` and so on they deny everything. */
function rules({ room, files = [], packages = [], builtins = [] }) {
  const outside = `${room ?? 'A file in no room'} may not import this (config/rooms.js)`;
  const allowed = [...packages, ...builtins.map((name) => `node:${name}`)];
  const bare = allowed.length === 0 ? '^[^.]' : `^(?!(${anyOf(allowed)})(/|$))[^.]`;
  return {
    'import-x/no-restricted-paths': [
      'error',
      {
        zones: [
          {
            target: '.',
            from: '**',
            except: [
              ...[room ?? [], files].flat().map((glob) => `**/${glob}`),
              ...packages.map((name) => `**/node_modules/${name}/**`),
            ],
            message: outside,
          },
        ],
      },
    ],
    'no-restricted-imports': ['error', { patterns: [{ regex: bare, message: outside }] }],
  };
}

/** The table as configurations of ESLint: the first denies everything, and each room takes its own back. */
export const roomConfigs = [
  { files: ['src/**/*.ts', 'workers/**/*.ts', 'config/**/*.ts'], rules: rules({}) },
  ...rooms.map((row) => ({
    files: [row.room.endsWith('.ts') ? row.room : `${row.room}/*.ts`],
    rules: rules(row),
  })),
];
