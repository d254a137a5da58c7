import type { Express, RequestHandler } from 'express';
import { failures } from '../chat/failures.ts';
import { API_BASE, UNVERSIONED_API_BASE } from '../protocol.ts';
import { answerFailure } from './errors.ts';

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/**
 * Offers a resource with these methods; any other is answered 501 with `Allow` (protocol.md, "Rules
 * for every call"). HEAD comes with GET. The routes stand flat on the app: a nested router costs
 * more per request than most handlers here.
 */
export function offer(
  app: Express,
  paths: string | string[],
  handlers: Partial<Record<Method, RequestHandler[]>>,
): void {
  const methods = Object.keys(handlers) as Method[];
  const allow = methods
    .flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method]))
    .join(', ');
  for (const method of methods) {
    const verb = method.toLowerCase() as Lowercase<Method>;
    app[verb](paths, ...(handlers[method] ?? []));
  }
  app.all(paths, (_req, res) => {
    res.setHeader('Allow', allow);
    answerFailure(res, failures.notImplemented());
  });
}

/** The two addresses of a resource (protocol.md, "Rules for every call"). */
export const apiPaths = (name: string): string[] => [
  `${API_BASE}/${name}`,
  `${UNVERSIONED_API_BASE}/${name}`,
];
