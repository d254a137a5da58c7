/* eslint-disable jest/no-export -- a suite for the tests of each adapter */
import { describeAccepted } from './accepted.ts';
import { describeAcknowledge } from './acknowledge.ts';
import { describeClose } from './close.ts';
import { describeCreate } from './create.ts';
import { describeExpire } from './expire.ts';
import { describeFind } from './find.ts';
import { describeForsakenDrafts } from './forsaken-drafts.ts';
import { describeFullInbox } from './full-inbox.ts';
import { describeIntruder } from './intruder.ts';
import { describeJoin } from './join.ts';
import { describeList } from './list.ts';
import { describePing } from './ping.ts';
import { describePolls } from './polls.ts';
import { describePresence } from './presence.ts';
import { describeRemove } from './remove.ts';
import { describeRepeatedIds } from './repeated-ids.ts';
import { describeSeen } from './seen.ts';
import { describeSend } from './send.ts';
import { describeStoredBytes } from './stored-bytes.ts';
import { describeStrangers } from './strangers.ts';
import { describeTogether } from './together.ts';
import { describeUsedInvitations } from './used-invitations.ts';
import { describeWaiting } from './waiting.ts';
import { useStore, type Opened } from './setup.ts';

export type { Opened } from './setup.ts';

/**
 * What every adapter of `ChatStore` must do. Rules about signs of life are only tested through
 * one connection: an embedded store keeps those in the memory of its process.
 */
export function describeChatStore(adapter: string, open: () => Promise<Opened>): void {
  describe(`${adapter}: the contract of a chat store`, () => {
    const store = useStore(open);

    describeCreate(store);
    describeFind(store);
    describeStrangers(store);
    describeJoin(store);
    describeSend(store);
    describeFullInbox(store);
    describeRepeatedIds(store);
    describeAcknowledge(store);
    describeWaiting(store);
    describeAccepted(store);
    describeClose(store);
    describeIntruder(store);
    describePresence(store);
    describePolls(store);
    describeExpire(store);
    describeRemove(store);
    describeUsedInvitations(store);
    describeForsakenDrafts(store);
    describeList(store);
    describePing(store);
    describeSeen(store);
    describeTogether(store);

    describe('a store that is used for nothing else', () => {
      describeStoredBytes(useStore(open));
    });
  });
}
