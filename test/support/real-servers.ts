import { MongoClient, type Collection, type Db } from 'mongodb';
import { newToken } from '../../src/chat/chat.ts';
import type { ChatStore } from '../../src/chat/chat-store.ts';
import {
  createMongoChatStore,
  type MongoChatStoreOptions,
} from '../../src/distributed/mongo/mongo-chat-store.ts';
import { captureLog } from './captured-log.ts';
import { eventually } from './eventually.ts';

/** The database server that the distributed suites run on. */
export const mongoUri = (): string => {
  const uri = process.env['MONGODB_URI'];
  if (uri === undefined) throw new Error('MONGODB_URI is not set');
  return uri;
};

/** A database of one test's own. */
export interface MongoScratch {
  readonly name: string;
  /** The database as it is, past the store. */
  readonly db: Db;
  readonly chats: Collection;
  /** A store on it, which may not have its indexes yet; disconnected at the end. */
  open(options?: Partial<MongoChatStoreOptions>): ChatStore;
  /** A store on it that has its indexes; disconnected at the end. */
  connect(options?: Partial<MongoChatStoreOptions>): Promise<ChatStore>;
  /** Disconnects everything and takes the data away. */
  dispose(): Promise<void>;
}

/** @param uri of the server itself, when the stores are to go another way */
export function mongoScratch(uri = mongoUri()): MongoScratch {
  const name = `sfchat_test_${newToken()}`;
  const client = new MongoClient(uri);
  const db = client.db(name);
  const stores: ChatStore[] = [];
  const open = (options: Partial<MongoChatStoreOptions> = {}): ChatStore => {
    const store = createMongoChatStore({
      uri,
      database: name,
      timing: { chatLifetimeMs: 86_400_000, closedGraceMs: 600_000 },
      absenceCloseAfterMs: 360_000,
      ...options,
    });
    stores.push(store);
    return store;
  };
  return {
    name,
    db,
    chats: db.collection('chats'),
    open,
    connect: async (options = {}) => {
      const log = captureLog();
      const store = open({ logger: log.logger, ...options });
      const isReady = () => log.lines().some((line) => line.includes('storage is ready'));
      await eventually(isReady, 'the storage is ready', 60_000);
      return store;
    },
    dispose: async () => {
      await Promise.all(stores.map((store) => store.disconnect()));
      await db.dropDatabase();
      await client.close();
    },
  };
}
