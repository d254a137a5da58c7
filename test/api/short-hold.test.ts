import { setTimeout } from 'node:timers/promises';
import { textsIn, type Person } from '../support/test-client.ts';
import { useFreshService } from '../support/test-service.ts';

/** The parameter `hold`: a client that wants to be noticed when it stands still asks to be answered soon. */
describe('a poll that asks for a short hold', () => {
  const service = useFreshService();
  const client = () => service().client;

  /** Somebody polls once more, is answered empty when their hold is over, and is quick or slow to take that. */
  const pollFor = async (person: Person, others: number, hold = 2): Promise<void> => {
    const poll = client().hold(person, `?hold=${hold}`);
    await service().held(others + 1);
    await service().clock.advance(hold * 1000);
    await poll.answer;
  };

  it('is answered empty when that is over, and not before', async () => {
    const { joiner } = await client().quietPair();
    const answered = jest.fn();
    const poll = client().hold(joiner, '?hold=1.5');
    poll.answer.then(answered, answered);
    await service().held(1);

    await service().clock.advance(1499);
    await setTimeout(20);
    expect(answered).not.toHaveBeenCalled();
    await service().clock.advance(1);

    expect((await poll.answer).results).toMatchObject({ code: 200, count: 0, status: 'ready' });
  });

  it('is answered by a message as any other', async () => {
    const { creator, joiner } = await client().quietPair();
    const poll = client().hold(joiner, '?hold=2');
    await service().held(1);

    await client().send(creator, 'Hi');

    expect(textsIn(await poll.answer)).toEqual(['Hi']);
  });

  it.each(['60', '0', '0.000', '-1', 'x', '', '1e3', '.5', '2&hold=3', '1.0001', '100000'])(
    'is held as long as any other for hold=%s, which is longer than that or no time',
    async (hold) => {
      const { joiner } = await client().quietPair();
      const answered = jest.fn();
      const poll = client().hold(joiner, `?hold=${hold}`);
      poll.answer.then(answered, answered);
      await service().held(1);

      await service().clock.advance(44_999);
      await setTimeout(20);
      expect(answered).not.toHaveBeenCalled();
      await service().clock.advance(1);

      expect((await poll.answer).status).toBe(200);
    },
  );

  it('shows its client as gone a moment after a first answer to which nobody came back', async () => {
    const { creator, joiner } = await client().quietPair();
    const watching = client().hold(creator, '?present=true');
    await service().held(1);
    await pollFor(joiner, 1);
    // The two of them: the joiner is waited for, and then known to have gone.
    await service().held(1);

    await service().clock.advance(3000);

    expect((await watching.answer).results.talker.present).toBe(false);
  });

  it('shows a client that has come back at once until now as gone within a second', async () => {
    const { creator, joiner } = await client().quietPair();
    await pollFor(joiner, 0);
    await pollFor(joiner, 0);
    const watching = client().hold(creator, '?present=true');
    await service().held(1);
    await pollFor(joiner, 1);

    await service().clock.advance(1000);

    expect((await watching.answer).results.talker.present).toBe(false);
  });

  it('waits for nobody who hangs up, but for the moment that everybody has', async () => {
    const { creator, joiner } = await client().quietPair();
    const watching = client().hold(creator, '?present=true');
    const poll = client().hold(joiner, '?hold=2');
    await service().held(2);

    poll.abort();
    await service().held(1);
    await service().clock.advance(1000);

    expect((await watching.answer).results.talker.present).toBe(false);
  });

  it('shows a client as present that takes its 1.5 seconds to come back, each time', async () => {
    const { creator, joiner } = await client().quietPair();
    const watching = client().hold(creator, '?present=true');
    const answered = jest.fn();
    watching.answer.then(answered, answered);
    await service().held(1);

    for (const gap of [1500, 1700, 1400, 1600, 1500, 1900]) {
      await pollFor(joiner, 1);
      await service().clock.advance(gap);
    }
    await setTimeout(20);

    expect(answered).not.toHaveBeenCalled();
    watching.abort();
  });

  it('is the newest of its participant, however short: another one ends it', async () => {
    const { joiner } = await client().quietPair();
    const first = client().hold(joiner, '?hold=2');
    await service().held(1);

    const second = client().hold(joiner, '?hold=2');

    expect((await first.answer).status).toBe(409);
    await service().held(1);
    await service().clock.advance(2000);
    expect((await second.answer).status).toBe(200);
  });

  it('is written no more often than a long one, as long as its client comes back', async () => {
    const { joiner } = await client().quietPair();
    await pollFor(joiner, 0);
    const { store } = service().backend;
    const begin = jest.spyOn(store, 'beginPoll');
    const keep = jest.spyOn(store, 'keepPoll');
    const end = jest.spyOn(store, 'endPoll');

    for (let polls = 0; polls < 22; polls += 1) await pollFor(joiner, 0);

    expect([begin, keep, end].map(({ mock }) => mock.calls.length)).toEqual([0, 0, 0]);
    for (let polls = 0; polls < 22; polls += 1) await pollFor(joiner, 0);
    expect([begin, keep, end].map(({ mock }) => mock.calls.length)).toEqual([0, 1, 0]);
  });
});
