import type { Document, Filter, WriteConcernSettings } from 'mongodb';
import type { Attempt } from './connection.ts';
import { chatFields, type ChatDocument, type InboxDocument } from './documents.ts';

/** What an update finds or leaves of a chat; computed fields come with it. */
export type Found = InboxDocument & {
  readonly hadRoom?: boolean;
  readonly wasTaken?: boolean;
  readonly isEmpty?: boolean;
  readonly isLate?: boolean;
};

export interface UpdateOptions {
  readonly projection: Document;
  /** `after` unless it says otherwise. */
  readonly returnDocument?: 'before' | 'after';
  readonly writeConcern?: WriteConcernSettings;
}

/** Reads one chat. */
export const findOne = (
  { chats, maxTimeMS }: Attempt,
  filter: Filter<ChatDocument>,
  projection: Document = chatFields,
): Promise<InboxDocument | null> => chats.findOne<InboxDocument>(filter, { maxTimeMS, projection });

/** One guarded update; `null`: the guard refused it. */
export const update = (
  { chats, maxTimeMS }: Attempt,
  guard: Filter<ChatDocument>,
  effect: Document[],
  options: UpdateOptions,
): Promise<Found | null> =>
  chats.findOneAndUpdate(guard, effect, { maxTimeMS, returnDocument: 'after', ...options });

/** A sign of life need not survive the primary that has seen it: the next one comes soon. */
export const signOfLife: { writeConcern: WriteConcernSettings } = { writeConcern: { w: 1 } };
