import type { ServerResponse } from 'node:http';
import { RecentHeads, type WithHead } from '../../src/http/recent-heads.ts';

const list = Object.freeze(['Content-Type', 'text/plain']);

/** An answer whose head Node has not written yet. */
const answerWith = (facts: object = {}) =>
  ({
    shouldKeepAlive: true,
    req: { httpVersion: '1.1' },
    getHeaderNames: () => [],
    statusCode: 200,
    _header: null,
    ...facts,
  }) as unknown as ServerResponse & WithHead;

describe('a head that Node has written', () => {
  let heads: RecentHeads;
  beforeEach(() => {
    jest.useFakeTimers({ now: 1_000_000_000_000 });
    heads = new RecentHeads();
    heads.remember(answerWith({ _header: 'written' }), 202, list);
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  it('is written again for the same code and list within the second', () => {
    const res = answerWith();

    expect(heads.write(res, 202, list)).toBe(true);
    expect(res._header).toBe('written');
    expect(res.statusCode).toBe(202);
  });

  it('is not in the next second: it says when it was', () => {
    jest.advanceTimersByTime(1000);

    expect(heads.write(answerWith(), 202, list)).toBe(false);
  });

  it.each([
    ['another code', answerWith(), 200, list],
    ['another list', answerWith(), 202, Object.freeze([...list])],
    ['a list that may change', answerWith(), 202, [...list]],
    ['a connection that ends', answerWith({ shouldKeepAlive: false }), 202, list],
    ['an older version of HTTP', answerWith({ req: { httpVersion: '1.0' } }), 202, list],
    ['an answer with headers of its own', answerWith({ getHeaderNames: () => ['x'] }), 202, list],
  ])('is not for %s', (_name, res, code, headers) => {
    expect(heads.write(res, code, headers)).toBe(false);
    expect(res._header).toBeNull();
  });

  it.each([
    ['of a connection that ends', answerWith({ shouldKeepAlive: false, _header: 'other' }), list],
    ['of a list that may change', answerWith({ _header: 'other' }), ['X', 'y']],
    ['that Node does not show', answerWith(), Object.freeze(['X', 'y'])],
  ])('is not remembered when it is one %s', (_name, res, headers) => {
    heads.remember(res, 202, headers);
    const next = answerWith();
    heads.write(next, 202, headers);

    expect(next._header).not.toBe('other');
  });
});
