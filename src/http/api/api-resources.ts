import type { RequestHandler } from 'express';
import { API_BASE, UNVERSIONED_API_BASE } from '../../protocol.ts';
import { refuseAllBut, type Method } from '../resource.ts';

interface Resource {
  /** Its first address: what is measured and logged is named by it, as by the path of a route of Express. */
  readonly path: string;
  readonly byMethod: ReadonlyMap<string, RequestHandler>;
  readonly otherwise: RequestHandler;
}

/**
 * The resources of the API, together one step of Express. None of their addresses is a pattern, so each is looked up: a
 * route compares its patterns with the path of every request, and takes two more steps to its handler, which cost
 * more than most handlers here.
 */
export class ApiResources {
  readonly #byAddress = new Map<string, Resource>();

  /** Offers a resource with these methods; any other is answered 501 with `Allow` (protocol.md, "Rules for every call"). */
  offer(name: string, handlers: Partial<Record<Method, RequestHandler>>): void {
    const byMethod = new Map(Object.entries(handlers));
    if (handlers.GET !== undefined) byMethod.set('HEAD', handlers.GET);
    const otherwise = refuseAllBut(Object.keys(handlers) as Method[]);
    const resource = { path: `${API_BASE}/${name}`, byMethod, otherwise };
    this.#byAddress.set(resource.path, resource);
    this.#byAddress.set(`${UNVERSIONED_API_BASE}/${name}`, resource);
  }

  /** Has the resource answer that a request asks for; goes on if there is none. */
  readonly answer: RequestHandler = (req, res, next) => {
    const resource = this.#byAddress.get(req.path);
    if (resource === undefined) {
      next();
      return;
    }
    req.route = resource;
    const handler = resource.byMethod.get(req.method) ?? resource.otherwise;
    return handler(req, res, next);
  };
}
