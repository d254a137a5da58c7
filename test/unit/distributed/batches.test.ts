import { Batcher } from '../../../src/distributed/mongo/batches.ts';

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
