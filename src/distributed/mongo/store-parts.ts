import type { MongoConnection } from './connection.ts';
import type { ReadDocuments } from './documents.ts';
import type { RecentChats } from './recent-chats.ts';

/** What all parts of the store share. */
export interface StoreParts {
  readonly connection: MongoConnection;
  readonly read: ReadDocuments;
  readonly recentChats: RecentChats;
}

/** How chats that are asked for at the same time go together. */
export const together = {
  /** Chats that one command deals with at the most, so that it does not hold up what else there is to do. */
  most: 500,
  /** Commands of one kind that are under way at the same time, as a rule: what waits meanwhile goes together. */
  mostUnderWay: 1,
  /** Milliseconds between two such commands while something waits for the next one: so more goes with it. */
  restMs: 2,
};
