import { MongoClient, type Db, type MongoClientOptions } from 'mongodb';
import type { Logger } from 'pino';
import type { ServerClock } from './server-clock.ts';

/** Milliseconds between two checks of the state of each server. */
export const HEARTBEAT_MS = 5000;

/** The same while operations wait for a server, so that they go on soon after it is back. */
const IMPATIENT_HEARTBEAT_MS = 100;

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
  readonly operationTimeoutMs?: number | undefined;
  /** The same for the operations of workers, which deal with many chats at once (30,000). */
  readonly batchTimeoutMs?: number | undefined;
  /** Called with the name of each command that is sent to the server, for measurements. */
  readonly onCommand?: ((name: string) => void) | undefined;
  /** Hears once when the server goes away, and once when it is back. */
  readonly logger?: Logger | undefined;
  /** Learns the database's time from this connection; it has the clocks of this process, by which `at` is meant. */
  readonly serverClock?: ServerClock | undefined;
}

/** Limits of the stages that the driver has a limit for. */
export interface StageLimits {
  /** For finding a server, getting a connection and establishing one: each. */
  readonly stageMs: number;
  /** For the answer to a command. */
  readonly answerMs: number;
}

/**
 * A client that opens connections when they are needed.
 *
 * @throws Error with one line when the URI cannot be understood; it does not quote credentials
 */
export function createClient(options: ConnectionOptions, limits: StageLimits): MongoClient {
  const { uri, onCommand } = options;
  const client = parsed(uri, {
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

function parsed(uri: string, options: MongoClientOptions): MongoClient {
  try {
    return new MongoClient(uri, options);
  } catch (error) {
    throw withoutCredentials(error, uri);
  }
}

/** The driver quotes pieces of what it does not understand, and a password may be among them. */
function withoutCredentials(error: unknown, uri: string): Error {
  const message = error instanceof Error ? error.message : 'unknown reason';
  const credentials = uri.slice(0, uri.lastIndexOf('@') + 1);
  const words = message.split(/\s+/).map((word) => (credentials.includes(word) ? '…' : word));
  return new Error(words.join(' '));
}

/** Without a name in the URI the driver would take `test`. */
export function databaseOf(client: MongoClient, { database }: ConnectionOptions): Db {
  const named = client.options.dbName === 'test' ? DEFAULT_DATABASE : client.options.dbName;
  return client.db(database ?? named);
}

/** Acknowledged means: on the journal of a majority. Reads come from the primary, which has it all. */
const clientOptions = ({ stageMs, answerMs }: StageLimits): MongoClientOptions => ({
  appName: 'sfchat',
  writeConcern: { w: 'majority', journal: true, wtimeoutMS: stageMs },
  readPreference: 'primary',
  retryReads: true,
  retryWrites: true,
  heartbeatFrequencyMS: HEARTBEAT_MS,
  minHeartbeatFrequencyMS: IMPATIENT_HEARTBEAT_MS,
  connectTimeoutMS: stageMs,
  serverSelectionTimeoutMS: stageMs,
  waitQueueTimeoutMS: stageMs,
  socketTimeoutMS: answerMs,
});
