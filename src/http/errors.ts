import type { ErrorRequestHandler, Response } from 'express';
import type { Logger } from 'pino';
import { Failure, failures, StorageUnavailable } from '../chat/failures.ts';
import { answer } from './answer.ts';
import { atMostEvery } from './at-most-every.ts';

/** Milliseconds after which it is worth trying again when the storage is away. */
const STORAGE_RETRY_MS = 2000;

/** Milliseconds between two log lines that say so. */
const STORAGE_LOG_INTERVAL_MS = 5000;

/** Answers everything that was thrown, in the envelope of the protocol. */
export function answerErrors(logger: Logger): ErrorRequestHandler {
  const answerError = errorAnswerer(logger);
  // eslint-disable-next-line @typescript-eslint/no-unused-vars -- four parameters tell Express what this is for
  return (error: unknown, _req, res, _next) => {
    answerError(error, res);
  };
}

/** As {@link answerErrors}, for an answer that Express does not wait for. */
export function errorAnswerer(logger: Logger): (error: unknown, res: Response) => void {
  const failureOf = failureOfErrors(logger);
  return (error, res) => {
    const failure = failureOf(error);
    // What has begun cannot be answered otherwise any more: the client sees that it is cut.
    if (res.headersSent) res.destroy();
    else answerFailure(res, failure);
  };
}

/** The one translator of everything that was thrown into a refusal; what is not ours is logged and opaque. */
export function failureOfErrors(logger: Logger): (error: unknown) => Failure {
  const logUnavailable = atMostEvery(STORAGE_LOG_INTERVAL_MS, (cause: unknown) => {
    logger.warn({ cause }, 'storage unavailable');
  });
  return (error) => {
    if (error instanceof Failure) return error;
    if (!(error instanceof StorageUnavailable)) {
      return fromHttpError(error) ?? logUnexpected(error, logger);
    }
    logUnavailable(error.cause);
    return failures.unavailable(STORAGE_RETRY_MS);
  };
}

/** Answers a refusal with the headers that belong to it. */
export function answerFailure(res: Response, failure: Failure): void {
  answer(res, { code: failure.code, msg: failure.message }, undefined, failure.headers);
}

/** What Express and its body parser refuse, in the protocol's terms. */
function fromHttpError(error: unknown): Failure | null {
  const status = error instanceof Error && 'status' in error ? error.status : undefined;
  if (typeof status !== 'number' || status < 400 || status > 499) return null;
  if (status === 413) return failures.payloadTooLarge();
  if (status === 415) return failures.unsupportedMediaType();
  return failures.badRequest('malformed request');
}

function logUnexpected(error: unknown, logger: Logger): Failure {
  logger.error({ error }, 'unexpected failure');
  return failures.internal();
}
