/* eslint-disable jest/no-export -- a suite for each mode */
import { newToken } from '../../src/chat/chat.ts';
import { headerNames } from '../../src/protocol.ts';
import { textsIn, type HeldPoll, type Person } from '../support/test-client.ts';
import { useFreshService, type TestServiceOptions } from '../support/test-service.ts';

/** Somebody's part in one of several chats: nothing keeps a client from using one user token in all of them. */
interface Part {
  readonly mine: Person;
  readonly talker: Person;
}

/** What one user token does in one chat is nobody's business in another. */
export function describeSameUserToken(
  mode: string,
  environment: TestServiceOptions['environment'] = {},
): void {
  describe(`${mode}: one user token in two chats`, () => {
    const service = useFreshService({
      environment: { ...environment, LIMIT_MESSAGES: '2', LIMIT_SIGNALS: '2', LIMIT_READ: '6000' },
    });
    const client = () => service().client;

    const join = async (userToken: string): Promise<Part> => {
      const talker = await client().creator();
      await client().join(talker.chatToken, { [headerNames.userToken]: userToken });
      const mine = { chatToken: talker.chatToken, userToken };
      await client().empty(talker);
      await client().empty(mine);
      return { mine, talker };
    };
    const joinTwo = async (): Promise<[Part, Part]> => {
      const userToken = newToken();
      return [await join(userToken), await join(userToken)];
    };
    const hold = async (query: string, ...people: readonly Person[]): Promise<HeldPoll[]> => {
      const polls = people.map((person) => client().hold(person, query));
      await service().held(people.length);
      return polls;
    };
    const signal = async (person: Person, typing: boolean): Promise<number> => {
      const call = { person, body: { data: { typing } } };
      return (await client().call('PATCH', 'chat.json', call)).status;
    };
    const isTyping = async (reader: Person): Promise<boolean> =>
      (await client().receive(reader)).results.talker.typing;

    it('types in the chat that it says, and stops in that one', async () => {
      const [here, there] = await joinTwo();
      const polls = await hold('', here.talker, there.talker);

      await signal(here.mine, true);
      await signal(there.mine, true);
      await signal(there.mine, false);

      expect(await isTyping(here.talker)).toBe(true);
      expect(await isTyping(there.talker)).toBe(false);
      for (const poll of polls) poll.abort();
    });

    it('is told who types in each of them', async () => {
      const [here, there] = await joinTwo();
      const [poll, other] = await hold('?typing=false', here.mine, there.mine);

      await signal(here.talker, true);

      expect((await poll?.answer)?.results.talker.typing).toBe(true);
      expect(await isTyping(there.mine)).toBe(false);
      other?.abort();
    });

    it('is given in each what was sent there', async () => {
      const [here, there] = await joinTwo();
      const polls = await hold('', here.mine, there.mine);

      await client().send(there.talker, 'there');
      expect(textsIn((await polls[1]?.answer)!)).toEqual(['there']);
      await client().send(here.talker, 'here');
      expect(textsIn((await polls[0]?.answer)!)).toEqual(['here']);
    });

    it('has a budget of messages, of signals and of reading in each', async () => {
      const [here, there] = await joinTwo();
      const [poll] = await hold('', there.talker);
      const use = async ({ mine }: Part): Promise<number[]> => [
        (await client().send(mine, 'one', 'two')).status,
        (await client().send(mine, 'three')).status,
        await signal(mine, true),
        await signal(mine, true),
        await signal(mine, true),
      ];
      const read = async ({ mine }: Part): Promise<number> => {
        for (let times = 0; times < 12; times += 1) await client().receive(mine);
        return (await client().receive(mine)).status;
      };
      const all = [202, 429, 202, 202, 429];

      expect(await use(here)).toEqual(all);
      expect(await use(there)).toEqual(all);
      expect(await read(here)).toBe(429);
      expect((await client().receive(there.mine)).status).toBe(200);
      poll?.abort();
    });
  });
}
