import { MongoClient } from 'mongodb';
import { newToken } from '../../src/chat/chat.ts';
import { MongoChatStore } from '../../src/store/mongo-chat-store.ts';
import { describeChatStore, type Opened } from './chat-store.ts';

const uri = process.env['MONGODB_URI']!;
const timing = { lifetime: 86_400_000, closedGrace: 600_000 };

async function openMongo(): Promise<Opened> {
  const database = `sfchat_test_${newToken()}`;
  const stores: MongoChatStore[] = [];
  const another = async (): Promise<MongoChatStore> => {
    const store = await MongoChatStore.connect({ uri, database, timing });
    stores.push(store);
    return store;
  };
  return {
    store: await another(),
    another,
    dispose: async () => {
      await Promise.all(stores.map((store) => store.disconnect()));
      const client = new MongoClient(uri);
      await client.db(database).dropDatabase();
      await client.close();
    },
  };
}

describeChatStore('MongoDB', openMongo);
