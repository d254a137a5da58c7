import { MongoClient, type Collection } from 'mongodb';
import { newToken } from '../../src/chat/chat.ts';
import { MongoChatStore, type MongoOptions } from '../../src/distributed/mongo/mongo-chat-store.ts';

/** The database server that the distributed suites run on. */
export const mongoUri = (): string => {
  const uri = process.env['MONGODB_URI'];
  if (uri === undefined) throw new Error('MONGODB_URI is not set');
  return uri;
};

/** A database of one test's own. */
export interface MongoScratch {
  readonly name: string;
  /** The collection as it is, past the store. */
  readonly chats: Collection;
  /** A store on it, disconnected at the end. */
  connect(options?: Partial<MongoOptions>): Promise<MongoChatStore>;
  /** Disconnects everything and takes the data away. */
  dispose(): Promise<void>;
}

/** @param uri of the server itself, when the stores are to go another way */
export function mongoScratch(uri = mongoUri()): MongoScratch {
  const name = `sfchat_test_${newToken()}`;
  const client = new MongoClient(uri);
  const db = client.db(name);
  const stores: MongoChatStore[] = [];
  return {
    name,
    chats: db.collection('chats'),
    connect: async (options = {}) => {
      const timing = { lifetime: 86_400_000, closedGrace: 600_000 };
      const store = await MongoChatStore.connect({ uri, database: name, timing, ...options });
      stores.push(store);
      return store;
    },
    dispose: async () => {
      await Promise.all(stores.map((store) => store.disconnect()));
      await db.dropDatabase();
      await client.close();
    },
  };
}
