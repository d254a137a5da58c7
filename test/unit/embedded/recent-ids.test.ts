import { newToken } from '../../../src/chat/chat.ts';
import { RecentIds } from '../../../src/embedded/memory/recent-ids.ts';
import { REMEMBERED_IDS } from '../../../src/protocol.ts';

describe('the ids of the last messages of a chat', () => {
  it('are known for who has sent them, and for nobody else', () => {
    const ids = new RecentIds();
    const id = newToken();
    ids.add('creator', id, 1);

    expect(ids.has('creator', id)).toBe(true);
    expect(ids.has('joiner', id)).toBe(false);
    expect(ids.has('creator', newToken())).toBe(false);
  });

  it('are as many as are remembered; each further one takes the place of the oldest', () => {
    const ids = new RecentIds();
    const sent = Array.from({ length: 3 * REMEMBERED_IDS + 7 }, newToken);
    const forgotten = sent.map((id, index) => ids.add('joiner', id, 2 ** 40 + index));

    const isOld = sent.map((_, index) => index >= REMEMBERED_IDS);
    expect(forgotten).toEqual(
      isOld.map((old, index) => (old ? 2 ** 40 + index - REMEMBERED_IDS : null)),
    );
    expect(sent.filter((id) => ids.has('joiner', id))).toEqual(sent.slice(-REMEMBERED_IDS));
    expect(ids.places().sort((one, other) => one - other)).toEqual(
      sent.map((_, index) => 2 ** 40 + index).slice(-REMEMBERED_IDS),
    );
  });

  it('differ in any part', () => {
    const ids = new RecentIds();
    ids.add('creator', '0123456789abcdef01234567', 1);

    expect(ids.has('creator', '1123456789abcdef01234567')).toBe(false);
    expect(ids.has('creator', '0123456799abcdef01234567')).toBe(false);
    expect(ids.has('creator', '0123456789abcdef01234568')).toBe(false);
    expect(ids.has('creator', '0123456789abcdef01234567')).toBe(true);
  });

  it('are none where no message was sent: an id of zeros is like any other', () => {
    const ids = new RecentIds();
    ids.add('creator', newToken(), 1);

    expect(ids.has('creator', '0'.repeat(24))).toBe(false);
  });
});
