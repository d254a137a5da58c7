import { MongoClient, type Db, type MongoClientOptions } from 'mongodb';
import { withoutContents } from './mongo-errors.ts';

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
  /** The same for the operations of workers and operators, which deal with many chats (30,000). */
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

/**
 * Runs something over a connection of its own whose answers may take any time: an index of a large
 * collection takes its time.
 *
 * @throws Error when no server can be reached within `operationTimeout`, or refuses
 */
export async function withPatientClient<Result>(
  options: ConnectionOptions,
  task: (db: Db) => Promise<Result>,
): Promise<Result> {
  const client = createClient(options, { stage: options.operationTimeout ?? 5000, answer: 0 });
  try {
    return await task(databaseOf(client, options));
  } catch (error) {
    throw cannotBeUsed(error);
  } finally {
    await client.close();
  }
}

const cannotBeUsed = (error: unknown): Error => {
  const cause = withoutContents(error);
  return new Error(`MongoDB cannot be used: ${cause.message}`, { cause });
};

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
