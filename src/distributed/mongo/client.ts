import { MongoClient, type Db, type MongoClientOptions } from 'mongodb';

/** Milliseconds between two looks at the state of each server. */
export const HEARTBEAT = 5000;

/** The same while operations wait for a server, so that they go on soon after it is back. */
const IMPATIENT_HEARTBEAT = 100;

const DEFAULT_DATABASE = 'sfchat';

export interface ConnectionOptions {
  /**
   * `mongodb://` or `mongodb+srv://`. What it says of the pool (`maxPoolSize`), TLS, credentials and
   * compression holds; times and durability are the store's own.
   */
  readonly uri: string;
  /** Name of the database; by default the one in `uri`, or `sfchat`. */
  readonly database?: string | undefined;
  /**
   * Milliseconds that one operation takes at the most, repeats included (5000). A single attempt has
   * two fifths of it, so that there is time for another one.
   */
  readonly operationTimeout?: number | undefined;
  /** The same for the operations of workers, which deal with many chats at once (30,000). */
  readonly batchTimeout?: number | undefined;
  /** Called with the name of each command that is sent to the server, for measurements. */
  readonly onCommand?: ((name: string) => void) | undefined;
}

/** Limits of the stages that the driver has a limit for, in milliseconds. */
export interface StageLimits {
  /** For finding a server, getting a connection and establishing one: each. */
  readonly stage: number;
  /** For the answer to a command. */
  readonly answer: number;
}

/** A client that opens connections when they are needed. */
export function createClient(options: ConnectionOptions, limits: StageLimits): MongoClient {
  const { uri, onCommand } = options;
  const client = new MongoClient(uri, {
    ...clientOptions(limits),
    monitorCommands: onCommand !== undefined,
  });
  if (onCommand !== undefined) {
    client.on('commandStarted', ({ commandName }) => {
      onCommand(commandName);
    });
  }
  return client;
}

/** Without a name in the URI the driver would take `test`. */
export function databaseOf(client: MongoClient, { database }: ConnectionOptions): Db {
  const named = client.options.dbName === 'test' ? DEFAULT_DATABASE : client.options.dbName;
  return client.db(database ?? named);
}

/** Acknowledged means: on the journal of a majority. Reads come from the primary, which has it all. */
const clientOptions = ({ stage, answer }: StageLimits): MongoClientOptions => ({
  appName: 'sfchat',
  writeConcern: { w: 'majority', journal: true, wtimeoutMS: stage },
  readPreference: 'primary',
  retryReads: true,
  retryWrites: true,
  heartbeatFrequencyMS: HEARTBEAT,
  minHeartbeatFrequencyMS: IMPATIENT_HEARTBEAT,
  connectTimeoutMS: stage,
  serverSelectionTimeoutMS: stage,
  waitQueueTimeoutMS: stage,
  socketTimeoutMS: answer,
});
