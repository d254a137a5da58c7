import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { mostConnections } from '../../src/process/open-files.ts';

describe('how many connections a process can have', () => {
  let directory = '';
  beforeAll(() => (directory = mkdtempSync(path.join(tmpdir(), 'sfchat-limits-'))));
  afterAll(() => {
    rmSync(directory, { recursive: true });
  });
  const limits = (text: string): string => {
    const file = path.join(directory, 'limits');
    writeFileSync(file, text);
    return file;
  };

  it('is bounded by the files that it may open, less its own', () => {
    const text = `Limit                     Soft Limit           Hard Limit           Units
Max processes             95000                95000                processes
Max open files            1024                 4096                 files
`;
    expect(mostConnections(limits(text))).toBe(1024 - 128);
  });

  it('is at least one for each of two people', () => {
    expect(mostConnections(limits('Max open files            64          64       files\n'))).toBe(
      2,
    );
  });

  it('is unknown where the system does not tell, or has no limit', () => {
    expect(mostConnections(path.join(directory, 'nothing'))).toBe(Infinity);
    expect(mostConnections(limits('Max open files   unlimited  unlimited  files\n'))).toBe(
      Infinity,
    );
  });
});
