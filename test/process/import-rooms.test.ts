import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import path from 'node:path';

/** The linter reads its plug-ins from the disk, on a machine that does other things, too. */
jest.setTimeout(60_000);

type Planted = readonly [file: string, source: string];

/** What the table of rooms refuses of each source. */
const lint = (planted: readonly Planted[]): string[][] =>
  JSON.parse(
    execFileSync(process.execPath, ['test/support/lint-planted.mjs'], {
      input: JSON.stringify(planted),
      encoding: 'utf8',
    }),
  ) as string[][];

const importing = (specifier: string) => `import { a } from '${specifier}';\na();\n`;

describe('an import', () => {
  const wrong: [why: string, file: string, source: string][] = [
    ['of a mode by the chat', 'src/chat/x.ts', importing('../embedded/timer.ts')],
    ['of HTTP by the chat', 'src/chat/x.ts', importing('../http/answer.ts')],
    ['of the composition by the chat', 'src/chat/x.ts', importing('../compose.ts')],
    ['of the settings by the chat', 'src/chat/x.ts', importing('../../config/settings.ts')],
    ['of a database by the chat', 'src/chat/x.ts', importing('mongodb')],
    ['of Express by the chat', 'src/chat/x.ts', importing('express')],
    ['of files by the chat', 'src/chat/x.ts', importing('node:fs')],
    ['of a built-in without its prefix', 'src/chat/x.ts', importing('fs')],
    ['of anything by the protocol', 'src/protocol.ts', importing('./chat/clock.ts')],
    ['of one mode by the other', 'src/embedded/x.ts', importing('../distributed/backend.ts')],
    ['of HTTP by a mode', 'src/distributed/redis/x.ts', importing('../../http/limits.ts')],
    ['of the switch by a mode', 'src/embedded/x.ts', importing('../backend.ts')],
    ['of Redis by MongoDB’s room', 'src/distributed/mongo/x.ts', importing('ioredis')],
    ['of MongoDB by the queue', 'src/distributed/queue/x.ts', importing('mongodb')],
    ['of a mode by HTTP', 'src/http/api/x.ts', importing('../../embedded/timer.ts')],
    ['of a database by HTTP', 'src/http/admin/x.ts', importing('libsql')],
    ['of the administration by the API', 'src/http/api/x.ts', importing('../admin/layout.ts')],
    ['of a worker’s room by a worker', 'workers/x.ts', importing('../src/http/answer.ts')],
    ['of a mode by a worker', 'workers/x.ts', importing('../src/distributed/backend.ts')],
    ['of the view by the room', 'src/browser/room/x.ts', importing('../view/page.ts')],
    ['of the server by clients', 'src/client/api/x.ts', importing('../../chat/chat.ts')],
    ['of the page by clients', 'src/client/api/x.ts', importing('../../browser/view/page.ts')],
    ['of a package by the page', 'src/browser/view/x.ts', importing('zod')],
    ['by a file in no room', 'src/x.ts', importing('./protocol.ts')],
    ['by a folder in no room', 'src/attic/x.ts', importing('../protocol.ts')],
    ['of a type', 'src/chat/x.ts', "import type { Db } from 'mongodb';\nexport type X = Db;\n"],
    ['on demand', 'src/chat/x.ts', "await import('../embedded/timer.ts');\n"],
    ['of a package on demand', 'src/chat/x.ts', "await import('bullmq');\n"],
    ['that is passed on', 'src/chat/x.ts', "export * from '../http/answer.ts';\n"],
    ['of a part of a package', 'src/embedded/x.ts', importing('pino/file.js')],
    ['of a package with a like name', 'src/http/api/x.ts', importing('zod-to-openapi')],
  ];
  const right: [file: string, source: string][] = [
    ['src/chat/x.ts', importing('../protocol.ts')],
    ['src/chat/x.ts', importing('./chat.ts')],
    ['src/embedded/journal/x.ts', importing('libsql')],
    ['src/distributed/mongo/x.ts', importing('mongodb')],
    ['src/http/api/x.ts', importing('../errors.ts')],
    ['src/backend.ts', "await import('./embedded/backend.ts');\n"],
    ['workers/x.ts', importing('../src/process/logger.ts')],
    ['src/browser/view/x.ts', importing('../room/words.ts')],
  ];
  let refused: string[][] = [];

  beforeAll(() => {
    refused = lint([...wrong.map(([, ...planted]) => planted), ...right]);
  });

  it.each(wrong.map(([why], index) => [why, index] as const))('%s is refused', (_why, index) => {
    expect(refused[index]).toContainEqual(expect.stringContaining('config/rooms.js'));
  });

  it.each(right.map(([file, source], index) => [file, source, index] as const))(
    'that the table allows is left alone: %s, %s',
    (_file, _source, index) => {
      expect(refused[wrong.length + index]).toEqual([]);
    },
  );
});

describe('every file of the product', () => {
  const filesBelow = (directory: string): string[] =>
    readdirSync(directory, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => path.join(directory, file));

  it('is in a room, which may import itself', () => {
    const files = ['src', 'workers'].flatMap(filesBelow);
    // A room without a row would be refused even its own name.
    const results = lint(files.map((file) => [file, importing(`./${path.basename(file)}`)]));

    const homeless = files.filter((_file, index) => results[index]?.length !== 0);
    expect(homeless).toEqual([]);
  });
});
