import { randomUUID } from 'node:crypto';
import { captureLog } from '../../support/captured-log.ts';
import { eventually } from '../../support/eventually.ts';
import { COMMENT_MS, useNereid } from './use-nereid.ts';

describe('the log of a conversation over nereid', () => {
  const log = captureLog();
  const nereid = useNereid({ logger: log.logger });

  it('has nothing that would be worth anything to its reader', async () => {
    const { creator, joiner } = await nereid().client.pair();
    const [text, id] = ['the text nobody else may read', randomUUID()];
    const token = await nereid().token(creator);
    const form = { thread_id: creator.chatToken, message: text, id };
    const failure = Object.assign(new TypeError('unexpected'), { text, token });

    const stream = await nereid().stream({ path: `/nereid-chat/stream/${token}?token=${token}` });
    await nereid().post('send-message', form, joiner);
    await stream.hasMessages(3);
    await nereid().clock.advance(COMMENT_MS);
    await nereid().post('send-message', { ...form, token, type: 'html' });
    await nereid().post('send-message', { ...form, token: randomUUID() });
    await nereid().ask('GET', `stream/${token}/${token}`);
    await nereid().ask('GET', `stream/${token}%E0`);
    nereid().backend.store.readInbox = () => Promise.reject(failure);
    await nereid().client.send(joiner, 'another');
    await stream.hasEnded();
    await nereid().post('start-session', { user: text }, joiner);
    await nereid().stream({ path: `/nereid-chat/stream/${token}` });

    const lines = () => log.lines().join('\n');
    await eventually(() => lines().includes('/nereid-chat/stream/:token'));
    expect(lines().match(/"level":50/g)).toHaveLength(3);
    const ids = stream.messages().map(({ id: each }) => each);
    const { chatToken, userToken } = creator;
    for (const secret of [token, text, id, chatToken, userToken, joiner.userToken, ...ids]) {
      expect(lines()).not.toContain(secret);
    }
  });
});
