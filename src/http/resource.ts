import type { Express, RequestHandler } from 'express';
import { failures } from '../chat/failures.ts';
import { API_BASE, UNVERSIONED_API_BASE } from '../protocol.ts';
import { answer } from './answer.ts';

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/**
 * Offers a resource with these methods; any other is answered 501 with `Allow` (protocol.md, "Rules
 * for every call"). HEAD comes with GET. The resource is one route, flat on the app: each further route
 * is a path to compare with every request, and a nested router costs more than most handlers here.
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
  // The types of Express know one path only; the method takes what `app.get` takes.
  const route = app.route(paths as string);
  for (const method of methods) {
    const verb = method.toLowerCase() as Lowercase<Method>;
    route[verb](...(handlers[method] ?? []));
  }
  const { code, message } = failures.notImplemented();
  route.all((_req, res) => {
    answer(res, { code, msg: message }, undefined, { Allow: allow });
  });
}

/** The two addresses of a resource (protocol.md, "Rules for every call"). */
export const apiPaths = (name: string): string[] => [
  `${API_BASE}/${name}`,
  `${UNVERSIONED_API_BASE}/${name}`,
];
