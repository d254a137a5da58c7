import fc from 'fast-check';
import { KeptChat } from '../../../src/embedded/memory/kept-chat.ts';
import { SortedChats } from '../../../src/embedded/memory/sorted-chats.ts';
import { draftChat } from '../../support/chats.ts';

const inOrder = (a: KeptChat, b: KeptChat): number =>
  a.chat.created - b.chat.created || (a.chat.token < b.chat.token ? -1 : 1);

const placeOf = ({ chat: { created, token } }: KeptChat) => ({ created, token });

describe('chats in the order of a time', () => {
  it('are those that were added and not deleted, whatever the order of both', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat({ max: 40 }), fc.boolean()), { maxLength: 2500 }),
        fc.nat(),
        (steps, start) => {
          const sorted = new SortedChats(({ chat }) => chat.created);
          const all: KeptChat[] = [];
          for (const [created, isAdded] of steps) {
            const gone = isAdded ? undefined : all.splice(created % Math.max(1, all.length), 1)[0];
            if (gone !== undefined) sorted.delete(gone);
            else {
              const kept = new KeptChat(1, draftChat({ created }));
              all.push(kept);
              sorted.add(kept);
            }
          }
          all.sort(inOrder);
          const from = all[start % Math.max(1, all.length)];
          const place = from === undefined ? { created: 20, token: '' } : placeOf(from);
          const index = from === undefined ? 0 : all.indexOf(from);
          expect(sorted.size).toBe(all.length);
          expect(sorted.first()).toBe(all[0]);
          expect([...sorted.after(place)]).toEqual(all.slice(from === undefined ? 0 : index + 1));
          expect([...sorted.before(place)]).toEqual(all.slice(0, index).reverse());
        },
      ),
      { numRuns: 20 },
    );
  });

  it('give those until a time, up to a number', () => {
    const sorted = new SortedChats(({ chat }) => chat.created);
    for (const created of [5, 3, 9, 1]) sorted.add(new KeptChat(1, draftChat({ created })));

    expect(sorted.until(5, 10).map(({ chat }) => chat.created)).toEqual([1, 3, 5]);
    expect(sorted.until(5, 2).map(({ chat }) => chat.created)).toEqual([1, 3]);
  });
});
