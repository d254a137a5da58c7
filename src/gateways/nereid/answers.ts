import type { ErrorRequestHandler, RequestHandler, Response } from 'express';
import type { Failure } from '../../chat/failures.ts';
import { apiHeaders, type Headers } from '../../http/headers.ts';

/** Answers a JSON object as it is: nereid knows no envelope for answers. */
export function answerJson(res: Response, code: number, body: object, headers: Headers = {}): void {
  const json = JSON.stringify(body);
  res.writeHead(code, { ...apiHeaders, 'Content-Length': Buffer.byteLength(json), ...headers });
  res.end(json);
}

/** A form with a field that is missing or wrong: 400 with the reason by field, as nereid's forms have it. */
export class InvalidForm extends Error {
  readonly errors: Readonly<Record<string, readonly string[]>>;

  constructor(field: string, reason: string) {
    super('Invalid form');
    this.name = 'InvalidForm';
    this.errors = { [field]: [reason] };
  }
}

/** Answers everything that was thrown: `{"errors": {field: [reason]}}` for a form, `{"message"}` for all else. */
export function answerRefusals(failureOf: (error: unknown) => Failure): ErrorRequestHandler {
  return (error: unknown, _req, res, next) => {
    if (res.headersSent) {
      next(error);
    } else if (error instanceof InvalidForm) {
      answerJson(res, 400, { errors: error.errors });
    } else {
      const { code, message, headers } = failureOf(error);
      answerJson(res, code, { message }, headers);
    }
  };
}

export const refuseMethod =
  (allowed: string): RequestHandler =>
  (_req, res) => {
    answerJson(res, 405, { message: 'Method Not Allowed' }, { Allow: allowed });
  };
