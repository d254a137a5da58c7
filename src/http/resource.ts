import type { Express, RequestHandler } from 'express';
import { failures } from '../chat/failures.ts';
import { answer } from './answer.ts';

/** A method that a resource may have. HEAD comes with GET. */
export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/**
 * Offers a resource with these methods; any other is answered 501 with `Allow` (protocol.md, "Rules
 * for every call").
 */
export function offer(
  app: Express,
  path: string,
  handlers: Partial<Record<Method, RequestHandler[]>>,
): void {
  const route = app.route(path);
  const methods = Object.keys(handlers) as Method[];
  for (const method of methods) {
    const verb = method.toLowerCase() as Lowercase<Method>;
    route[verb](...(handlers[method] ?? []));
  }
  route.all(refuseAllBut(methods));
}

/** Answers that only these methods are there. */
export function refuseAllBut(methods: readonly Method[]): RequestHandler {
  const allow = methods
    .flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method]))
    .join(', ');
  const { code, message } = failures.notImplemented();
  return (_req, res) => {
    answer(res, { code, msg: message }, undefined, { Allow: allow });
  };
}
