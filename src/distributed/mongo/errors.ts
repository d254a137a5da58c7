import {
  MongoBulkWriteError,
  MongoError,
  MongoErrorLabel,
  MongoNetworkError,
  MongoServerError,
  MongoServerSelectionError,
} from 'mongodb';

/**
 * Server codes of a condition that passes: network between servers, a primary that steps down or is
 * shut down, a shard that moved, two writers at once. Source: "retryable errors" in MongoDB's
 * specifications of retryable reads and writes, and its `error_codes.yml`.
 */
const passingCodes = new Set<number | string | undefined>([
  1, // InternalError: what FerretDB says while its PostgreSQL is away
  6, // HostUnreachable
  7, // HostNotFound
  63, // StaleShardVersion
  89, // NetworkTimeout
  91, // ShutdownInProgress
  112, // WriteConflict
  133, // FailedToSatisfyReadPreference
  134, // ReadConcernMajorityNotAvailableYet
  150, // StaleEpoch
  189, // PrimarySteppedDown
  262, // ExceededTimeLimit
  9001, // SocketException
  10058, // LegacyNotPrimary
  10107, // NotWritablePrimary
  11600, // InterruptedAtShutdown
  11602, // InterruptedDueToReplStateChange
  13388, // StaleConfig
  13435, // NotPrimaryNoSecondaryOk
  13436, // NotPrimaryOrSecondary
]);

/** Server codes of a condition that lasts longer than one operation: no point in repeating it now. */
const lastingCodes = new Set<number | string | undefined>([
  13, // Unauthorized: somebody has to mend the user's rights
  18, // AuthenticationFailed: or the password
  8000, // AtlasError: what a hosted MongoDB says instead of either
  50, // MaxTimeMSExpired
  64, // WriteConcernFailed: not replicated in time
  100, // UnsatisfiableWriteConcern: too few members are up
  14031, // OutOfDiskSpace
]);

/** Errors of the driver: no connection in time, or none any more. Matched by name: not all are exported. */
const lastingNames = /^Mongo(WaitQueueTimeout|TopologyClosed|NotConnected|ClientClosed|PoolClosed)/;

/** The database did not answer an attempt in its time. */
export class Unanswered extends Error {
  constructor() {
    super('MongoDB did not answer in time');
    this.name = 'Unanswered';
  }
}

/** Whether the operation is worth repeating at once: the condition may be over already. */
export const isPassing = (thrown: unknown): boolean => isPassingCause(causeOf(thrown));

const isPassingCause = (error: unknown): boolean =>
  error instanceof Unanswered ||
  isSystemError(error) ||
  error instanceof MongoNetworkError ||
  error instanceof MongoServerSelectionError ||
  (error instanceof MongoError &&
    (passingCodes.has(codeOf(error)) ||
      error.hasErrorLabel(MongoErrorLabel.RetryableWriteError) ||
      error.hasErrorLabel(MongoErrorLabel.RetryableError)));

/** Whether the database could not be asked, or could not answer: a condition of it, not of the request. */
export function isUnavailable(thrown: unknown): boolean {
  const error = causeOf(thrown);
  return (
    isPassingCause(error) ||
    (error instanceof MongoError &&
      (lastingCodes.has(codeOf(error)) || lastingNames.test(error.name)))
  );
}

/** What the operating system says of a connection; the driver lets some of it through as it is. */
const isSystemError = (error: unknown): boolean =>
  !(error instanceof MongoError) &&
  typeof error === 'object' &&
  error !== null &&
  'code' in error &&
  /^(E[A-Z]{3,}$|ERR_STREAM_|ERR_SOCKET_)/.test(String(error.code));

/** A token is taken. */
export const isDuplicateKey = (error: unknown): boolean =>
  error instanceof MongoServerError && error.code === 11000;

/** An index of that name or of these keys exists with other options. */
export const isIndexConflict = (error: unknown): boolean =>
  error instanceof MongoServerError && (error.code === 85 || error.code === 86);

/** An index that should be dropped is not there. */
export const isIndexMissing = (error: unknown): boolean =>
  error instanceof MongoServerError && error.code === 27;

/**
 * The error as it may be logged. What a server says can quote values of the document, tokens and texts,
 * so of its answer only the code is kept.
 */
export function withoutContents(thrown: unknown): Error {
  const error = causeOf(thrown);
  if (error instanceof MongoServerError) {
    const { codeName = 'an error' } = error;
    const clean = new Error(`MongoDB answered ${codeName} (${codeOf(error) ?? 'no code'})`);
    clean.name = error.name;
    return clean;
  }
  return error instanceof Error ? error : new Error('Unknown storage error');
}

/** What stopped a bulk write before the server answered is found inside of the error that it throws. */
function causeOf(error: unknown): unknown {
  if (!(error instanceof MongoBulkWriteError)) return error;
  const cause: unknown = error.errorResponse;
  return cause instanceof MongoError ? cause : error;
}

/** A write that no majority confirmed has its code one level deeper, and so has a bulk of them. */
const codeOf = (error: MongoError): number | string | undefined => {
  if (error.code !== undefined || !(error instanceof MongoServerError)) return error.code;
  const { writeConcernError } = error as { writeConcernError?: { code?: number } };
  if (writeConcernError !== undefined) return writeConcernError.code;
  return error instanceof MongoBulkWriteError
    ? error.result.getWriteConcernError()?.code
    : undefined;
};
