import { setImmediate as turn } from 'node:timers/promises';
import { Batcher } from '../../../src/distributed/mongo/batches.ts';
import { eventually } from '../../support/eventually.ts';

describe('a batcher', () => {
  const asked: number[][] = [];
  const batcher = new Batcher<number, number>({
    most: 3,
    ask: (questions) => {
      asked.push([...questions]);
      if (questions.includes(-1)) return Promise.reject(new Error('away'));
      return Promise.resolve(
        questions.map((question) =>
          question === 13 ? { error: new Error('thirteen') } : { value: question * 2 },
        ),
      );
    },
  });

  beforeEach(() => {
    asked.length = 0;
  });

  it('asks once for what is asked for in one moment, and gives each its own answer', async () => {
    expect(await Promise.all([1, 2, 3].map((number) => batcher.ask(number)))).toEqual([2, 4, 6]);
    expect(asked).toEqual([[1, 2, 3]]);
  });

  it('asks in parts when there are many', async () => {
    await Promise.all([1, 2, 3, 4].map((number) => batcher.ask(number)));

    expect(asked).toEqual([[1, 2, 3], [4]]);
  });

  it('lets one refusal spoil no other answer', async () => {
    const answers = await Promise.allSettled([1, 13, 2].map((number) => batcher.ask(number)));

    expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  });

  it('refuses all when nobody could be asked, and asks again later', async () => {
    const answers = await Promise.allSettled([1, -1].map((number) => batcher.ask(number)));

    expect(answers.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(await batcher.ask(5)).toBe(10);
  });
});

describe('a batcher of which one batch is under way at a time', () => {
  const open = (restMs?: number) => {
    const asked: { questions: readonly number[]; answer: () => void }[] = [];
    const batcher = new Batcher<number, number>({
      most: 10,
      mostUnderWay: 1,
      ...(restMs !== undefined && { restMs }),
      ask: (questions) =>
        new Promise((resolve) => {
          const answer = () => {
            resolve(questions.map((value) => ({ value })));
          };
          asked.push({ questions, answer });
        }),
    });
    return { asked, batcher };
  };

  it('asks for all that came up meanwhile as soon as it has an answer', async () => {
    const { asked, batcher } = open();
    const first = batcher.ask(1);
    await turn();
    const others = [batcher.ask(2)];
    await turn();
    others.push(batcher.ask(3));
    await turn();
    asked[0]!.answer();
    await first;
    await turn();
    asked[1]!.answer();

    expect(await Promise.all(others)).toEqual([2, 3]);
    expect(asked.map(({ questions }) => questions)).toEqual([[1], [2, 3]]);
  });

  it('does not wait for ever for an answer that does not come', async () => {
    const { asked, batcher } = open();
    void batcher.ask(1);
    await turn();
    void batcher.ask(2);

    await eventually(() => asked.length === 2, 'the second is asked for');
    expect(asked[1]!.questions).toEqual([2]);
  });

  it('lets who has just been answered go with those who wait, when it rests', async () => {
    const { asked, batcher } = open(20);
    const first = batcher.ask(1);
    await turn();
    void batcher.ask(2);
    await turn();
    asked[0]!.answer();
    await first;
    void batcher.ask(3);

    await eventually(() => asked.length === 2, 'the others are asked for');
    expect(asked[1]!.questions).toEqual([2, 3]);
  });

  it('does not let a lone one wait, although it rests', async () => {
    const { asked, batcher } = open(60_000);
    const first = batcher.ask(1);
    await turn();
    asked[0]!.answer();
    await first;
    void batcher.ask(2);
    await turn();

    expect(asked.map(({ questions }) => questions)).toEqual([[1], [2]]);
  });
});
