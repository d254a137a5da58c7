import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { MongoClient, type Collection, type Db, type MongoClientOptions } from 'mongodb';
import { StorageUnavailable } from '../chat/failures.ts';
import { CHATS, type ChatDocument } from './mongo-documents.ts';
import { isPassing, isUnavailable, withoutContents } from './mongo-errors.ts';

/** Milliseconds between two looks at the state of each server. */
const HEARTBEAT = 5000;

/** The same while operations wait for a server, so that they go on soon after it is back. */
const IMPATIENT_HEARTBEAT = 100;

/** Milliseconds of the first pause before an operation is repeated; each further one is twice as long. */
const FIRST_PAUSE = 20;
const LONGEST_PAUSE = 500;

const DEFAULT_DATABASE = 'sfchat';

export interface ConnectionOptions {
  /**
   * `mongodb://` or `mongodb+srv://`. What it says of the pool (`maxPoolSize`), TLS, credentials and
   * compression holds; times and durability are the store's own.
   */
  readonly uri: string;
  /** Name of the database; by default the one in `uri`, or `sfchat`. */
  readonly database?: string | undefined;
  /** Milliseconds that one operation takes at the most, repeats included (5000). */
  readonly operationTimeout?: number | undefined;
  /** Called with the name of each command that is sent to the server, for measurements. */
  readonly onCommand?: ((name: string) => void) | undefined;
}

/** One attempt of an operation. */
export interface Attempt {
  /** For the server: milliseconds after which it gives the attempt up. */
  readonly maxTimeMS: number;
  /** An earlier attempt failed; it may have been carried out, with only its answer lost. */
  readonly isRepeat: boolean;
}

/**
 * The connection to MongoDB, and how an operation is carried through: within a time limit, repeated
 * while the condition that stopped it may pass, and with errors in the contract's terms.
 */
export class MongoConnection {
  readonly chats: Collection<ChatDocument>;
  readonly #client: MongoClient;
  readonly #operationTimeout: number;

  /** Opens nothing: connections are made when they are needed. */
  constructor(options: ConnectionOptions) {
    const { uri, operationTimeout = 5000, onCommand } = options;
    this.#operationTimeout = operationTimeout;
    this.#client = new MongoClient(uri, {
      ...clientOptions(operationTimeout),
      monitorCommands: onCommand !== undefined,
    });
    if (onCommand !== undefined) {
      this.#client.on('commandStarted', ({ commandName }) => {
        onCommand(commandName);
      });
    }
    this.chats = databaseOf(this.#client, options).collection<ChatDocument>(CHATS);
  }

  /**
   * Carries an operation through.
   *
   * The driver repeats by itself what a replica set lets it repeat safely, once. This repeats what is
   * left, on every kind of server: each step recognises its own earlier success by its guard.
   *
   * @param timeout milliseconds in all
   * @throws StorageUnavailable when the database did not answer in time
   */
  async run<Result>(
    step: (attempt: Attempt) => Promise<Result>,
    timeout = this.#operationTimeout,
  ): Promise<Result> {
    const deadline = performance.now() + timeout;
    for (let repeats = 0; ; repeats++) {
      const left = Math.max(1, Math.ceil(deadline - performance.now()));
      try {
        return await within(left, step({ maxTimeMS: left, isRepeat: repeats > 0 }));
      } catch (error) {
        if (error instanceof StorageUnavailable) throw error;
        if (!isUnavailable(error)) throw withoutContents(error);
        const pause = pauseBefore(repeats);
        const isWorthIt = isPassing(error) && performance.now() + pause < deadline;
        if (!isWorthIt) throw new StorageUnavailable(withoutContents(error));
        await sleep(pause);
      }
    }
  }

  close(): Promise<void> {
    return this.#client.close();
  }
}

/**
 * Runs something over a connection of its own that no time limit cuts: an index of a large collection
 * takes its time.
 *
 * @throws Error when no server can be reached within `operationTimeout`
 */
export async function withPatientClient<Result>(
  options: ConnectionOptions,
  task: (db: Db) => Promise<Result>,
): Promise<Result> {
  const patient = { ...clientOptions(options.operationTimeout ?? 5000), socketTimeoutMS: 0 };
  const client = new MongoClient(options.uri, { ...patient, maxPoolSize: 1 });
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
const clientOptions = (timeout: number): MongoClientOptions => ({
  appName: 'sfchat',
  writeConcern: { w: 'majority', journal: true, wtimeoutMS: timeout },
  readPreference: 'primary',
  retryReads: true,
  retryWrites: true,
  heartbeatFrequencyMS: HEARTBEAT,
  minHeartbeatFrequencyMS: IMPATIENT_HEARTBEAT,
  connectTimeoutMS: timeout,
  serverSelectionTimeoutMS: timeout,
  socketTimeoutMS: timeout,
  waitQueueTimeoutMS: timeout,
});

/** Without a name in the URI the driver would take `test`. */
function databaseOf(client: MongoClient, { database }: ConnectionOptions): Db {
  const named = client.options.dbName === 'test' ? DEFAULT_DATABASE : client.options.dbName;
  return client.db(database ?? named);
}

/** The driver has a limit for each stage of an operation, but none for the whole of it. */
async function within<Result>(milliseconds: number, operation: Promise<Result>): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new StorageUnavailable(new Error('MongoDB did not answer in time')));
    }, milliseconds);
  });
  try {
    return await Promise.race([operation, timeout]);
  } finally {
    clearTimeout(timer);
  }
}

/** Twice as long each time, and never the same for all who were interrupted together. */
const pauseBefore = (repeats: number): number => {
  const longest = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** Math.min(repeats, 10));
  return randomInt(Math.ceil(longest / 2), longest + 1);
};
