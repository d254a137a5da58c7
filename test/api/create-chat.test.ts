import { newToken } from '../../src/chat/chat.ts';
import { eventsIn, textsIn } from '../support/test-client.ts';
import { useService } from '../support/test-service.ts';

describe('POST chat.json', () => {
  const service = useService();
  const client = () => service().client;
  const countChats = async () => {
    const { draft, ready, closed } = await service().backend.store.countByStatus();
    return draft + ready + closed;
  };

  it('opens a draft and gives its creator both tokens and its times', async () => {
    const { status, results } = await client().create();

    const now = service().clock.now();
    expect(status).toBe(201);
    expect(results).toEqual({
      code: 201,
      msg: 'Created',
      chatToken: expect.stringMatching(/^[0-9a-f]{24}$/) as string,
      userToken: expect.stringMatching(/^[0-9a-f]{24}$/) as string,
      status: 'draft',
      encrypted: false,
      absenceCloseAfter: 360,
      created: new Date(now).toISOString(),
      expires: new Date(now + 86_400_000).toISOString(),
    });
  });

  it('welcomes the creator with the code to hand over', async () => {
    const creator = await client().creator();

    const inbox = await client().receive(creator);

    expect(inbox.results).toMatchObject({ count: 1, status: 'draft' });
    expect(inbox.results.messages).toEqual([
      {
        _id: expect.stringMatching(/^[0-9a-f]{24}$/) as string,
        msg: `Welcome to SFChat! Please send code: ${creator.chatToken} to Talker`,
        system: true,
        event: 'created',
      },
    ]);
  });

  it('does not name the token of an encrypted chat: it is no invitation', async () => {
    const creator = await client().creator({ encrypted: true });

    const inbox = await client().receive(creator);

    expect(textsIn(inbox)).toEqual(['Welcome to SFChat! Please send the invitation to Talker']);
    expect(eventsIn(inbox)).toEqual(['created']);
  });

  it('makes tokens that tell nothing about one another', async () => {
    const tokens: string[] = [];
    for (let index = 0; index < 30; index += 1) {
      const { results } = await client().create();
      tokens.push(results.chatToken, results.userToken);
    }

    // An ObjectId has the time in its first and a counter in its last four bytes.
    for (const part of [tokens.map((t) => t.slice(0, 8)), tokens.map((t) => t.slice(8, 16))]) {
      expect(new Set(part).size).toBe(tokens.length);
    }
    const counters = tokens.map((token) => parseInt(token.slice(16), 16));
    const steps = counters.slice(1).map((counter, index) => counter - counters[index]!);
    expect(steps.filter((step) => Math.abs(step) < 1000)).toEqual([]);
  });

  it('uses the chat token that a client brings', async () => {
    const chatToken = newToken();

    const { status, results } = await client().create({ chatToken, encrypted: true });

    expect(status).toBe(201);
    expect(results).toMatchObject({ chatToken, encrypted: true, status: 'draft' });
  });

  it('refuses a chat token that is taken, whatever has become of that chat', async () => {
    const draft = await client().creator();
    const ready = await client().pair();
    const closed = await client().pair();
    await client().close(closed.creator);

    for (const { chatToken } of [draft, ready.creator, closed.creator]) {
      const { status, results } = await client().create({ chatToken });
      expect(status).toBe(409);
      expect(results.msg).toMatch(/^Conflict: ./);
    }
    expect((await client().state(draft)).results).toMatchObject({ status: 'draft' });
  });

  it('gives a chat token to exactly one of many who bring it at once', async () => {
    const chatToken = newToken();

    const answers = await Promise.all(
      Array.from({ length: 30 }, () => client().create({ chatToken })),
    );

    const codes = answers.map(({ status }) => status).toSorted();
    expect(codes).toEqual([201, ...Array<number>(29).fill(409)]);
  });

  it.each(['A'.repeat(24), 'abc', 'g'.repeat(24), `${'a'.repeat(24)}0`, "' OR 1=1"])(
    'refuses %j as a chat token and creates nothing',
    async (chatToken) => {
      const before = await countChats();

      expect(await client().create({ chatToken })).toMatchObject({ status: 400 });

      expect(await countChats()).toBe(before);
    },
  );

  it.each([
    [{}, false],
    [{ data: {} }, false],
    [{ data: { encrypted: false } }, false],
    [{ data: { encrypted: true } }, true],
  ])('takes the body %j as encrypted %s', async (body, encrypted) => {
    const { status, results } = await client().call('POST', 'chat.json', { body });

    expect(status).toBe(201);
    expect(results.encrypted).toBe(encrypted);
  });

  it.each([
    { data: { encrypted: 'true' } },
    { data: { encrypted: 1 } },
    { data: { encrypted: null } },
    { data: [] },
    { data: 'encrypted' },
    { data: null },
    [],
  ])('refuses the body %j and creates nothing', async (body) => {
    const before = await countChats();

    const { status, results } = await client().call('POST', 'chat.json', { body });

    expect(status).toBe(400);
    expect(results.msg).toMatch(/^Bad Request: ./);
    expect(await countChats()).toBe(before);
  });
});
