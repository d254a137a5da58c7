import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = path.resolve(__dirname, '../..');

// It builds everything once more, with types.
jest.setTimeout(240_000);

/** A checkout in which packing may exchange the manifest without anybody noticing. */
let checkout: string;
/** An empty folder in which the package was installed. */
let folder: string;

beforeAll(async () => {
  checkout = await mkdtemp(path.join(tmpdir(), 'sfchat-pack-'));
  const names = ['package.json', 'tsconfig.json', 'README.md', 'LICENSE'];
  for (const name of [...names, 'src', 'config', 'workers', 'examples', 'docs', 'public']) {
    await cp(path.join(root, name), path.join(checkout, name), { recursive: true });
  }
  await symlink(path.join(root, 'node_modules'), path.join(checkout, 'node_modules'));
  await run('npm', ['pack', '--loglevel=error'], { cwd: checkout });

  folder = path.join(checkout, 'elsewhere');
  const installed = path.join(folder, 'node_modules/sfchat');
  await mkdir(installed, { recursive: true });
  const [tarball = ''] = (await readdir(checkout)).filter((name) => name.endsWith('.tgz'));
  await run('tar', ['-xzf', path.join(checkout, tarball), '-C', installed, '--strip-components=1']);
  await symlink(path.join(root, 'node_modules/uqr'), path.join(folder, 'node_modules/uqr'));
});

afterAll(() => rm(checkout, { recursive: true, force: true }));

describe('the package', () => {
  test('needs one other package, and leaves the manifest as it was', async () => {
    const manifest = async (directory: string) =>
      JSON.parse(await readFile(path.join(directory, 'package.json'), 'utf8')) as {
        dependencies: Record<string, string>;
      };
    const packed = await manifest(path.join(folder, 'node_modules/sfchat'));
    expect(Object.keys(packed.dependencies)).toEqual(['uqr']);
    expect(await manifest(checkout)).toEqual(await manifest(root));
  });

  test('has an entry point and a command that run without the rest', async () => {
    const script = `import { SfChat } from 'sfchat';
      const failure = await SfChat.join('no code').catch((thrown) => thrown.name);
      console.log(typeof SfChat.create, failure);`;
    const { stdout } = await run(process.execPath, ['--input-type=module', '-e', script], {
      cwd: folder,
    });
    expect(stdout.trim()).toBe('function NoInvitation');
    const bin = path.join(folder, 'node_modules/sfchat/dist/src/cli/main.js');
    expect((await run(process.execPath, [bin, '--version'])).stdout.trim()).toMatch(
      /^\d+\.\d+\.\d+/,
    );
  });

  test('has types that are whole, under the strictest rules', async () => {
    const program = `import { SfChat, type ChatEvent } from 'sfchat';
      const chat: SfChat = await SfChat.create({ server: 'http://127.0.0.1:8000' });
      for await (const event of chat) {
        const narrowed: ChatEvent = event;
        if (narrowed.event === 'secure') chat.send(narrowed.words.join(' '));
        // @ts-expect-error -- a message has no such member
        if (narrowed.event === 'message') narrowed.words;
      }`;
    await writeFile(path.join(folder, 'program.mts'), program);
    const compiler = createRequire(__filename).resolve('typescript/bin/tsc');
    const compilerOptions = {
      noEmit: true,
      strict: true,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      module: 'nodenext',
      target: 'es2023',
      lib: ['es2023', 'dom'],
      types: [],
    };
    const project = JSON.stringify({ compilerOptions, files: ['program.mts'] });
    await writeFile(path.join(folder, 'tsconfig.json'), project);
    const check = run(process.execPath, [compiler, '-p', folder]).catch(
      (thrown: unknown) => thrown,
    );
    const said = (await check) as { stdout: string };
    expect(said.stdout).toBe('');
  });
});
