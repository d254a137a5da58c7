import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

describe('docs/performance', () => {
  it('says what its figures say, and nothing that nobody measured', async () => {
    const { stderr } = await promisify(execFile)(process.execPath, ['bench/report/check.mjs']);

    expect(stderr).toBe('');
  });
});
