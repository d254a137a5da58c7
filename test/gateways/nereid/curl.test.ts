import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { eventually } from '../../support/eventually.ts';
import { useNereid } from './use-nereid.ts';

/** A client from before keep-alive and chunks, as old proxies are. */
describe('curl with HTTP/1.0', () => {
  const nereid = useNereid();

  it('reads the stream as it comes, and until it ends', async () => {
    const { creator, joiner } = await nereid().client.quietPair();
    const { port } = nereid().server.address() as AddressInfo;
    const token = await nereid().token(joiner);
    // On its standard input: nobody who lists processes sees the token.
    const curl = spawn('curl', ['-0', '-sN', '--config', '-'], {
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    curl.stdin.end(`url = "http://127.0.0.1:${port}/nereid-chat/stream/${token}"\n`);
    let read = '';
    curl.stdout.on('data', (chunk: Buffer) => (read += chunk.toString()));
    await eventually(() => read.includes('"presence"') || read.includes('data:'), 'curl reads');

    await nereid().client.send(creator, 'Hi over HTTP/1.0');
    await eventually(() => read.includes('Hi over HTTP/1.0'), 'the message comes');
    const ended = once(curl, 'close');
    await nereid().client.close(creator);
    await ended;

    expect(read).toContain('Chat was successfully closed by Talker.');
  });
});
