import { createExpiringValuesInMemory } from '../../src/embedded/expiring-values.ts';
import { describeExpiringValues } from './expiring-values.ts';

const inMemory = createExpiringValuesInMemory();
describeExpiringValues('in memory', () => inMemory);

describe('expiring values in memory', () => {
  it('are forgotten at the end of their time, and not before', async () => {
    const values = createExpiringValuesInMemory();
    await values.keep({ key: 'key', value: 'value', owner: 'owner', at: 1000, lifetimeMs: 500 });

    expect(await values.find('key', 1499)).toBe('value');
    expect(await values.find('key', 1500)).toBeNull();
  });
});
