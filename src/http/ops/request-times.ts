import { Histogram } from 'prom-client';
import { API_BASE, refusals, replies } from '../../protocol.ts';
import { BucketCounts } from './bucket-counts.ts';

type Label = 'route' | 'method' | 'code' | 'le';

/** Upper bounds in seconds. */
const BUCKETS = [0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10, 30, 60];

/** Every other method is counted as `other`: whoever invents some makes no series of them. */
const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** The name of a method in metrics and logs. */
export const methodName = (method: string): string => (METHODS.has(method) ? method : 'other');

const { ok, created, accepted } = replies;

/** What people wait for, by route and method, and the code when it went well. */
const waitedFor = {
  [`${API_BASE}/chat.json`]: { POST: created, PUT: ok, GET: ok, PATCH: accepted, DELETE: accepted },
  [`${API_BASE}/messages.json`]: { GET: ok, POST: accepted, DELETE: accepted },
};

/** Faults, each of which an operator has to hear of the first time. */
const faults = [refusals.internal, refusals.unavailable];

/**
 * The histogram of request times. The library's own puts labels together and hashes them for every request,
 * which costs more than anything else that is counted; here they are put together when somebody reads them.
 */
export class RequestTimes extends Histogram<Label> {
  /** By route, method and code. Routes are ours, codes are ours, and so the series are few. */
  readonly #series = new Map<string, Map<string, Map<number, BucketCounts>>>();

  /** Series that begin with their first event are no increase to Prometheus: these are there from the start. */
  beginAtZero(): void {
    for (const [route, methods] of Object.entries(waitedFor)) {
      for (const [method, success] of Object.entries(methods)) {
        for (const { code } of [success, ...faults]) this.#seriesOf(route, method, code);
      }
    }
  }

  /** @param seconds from the request to the end of its answer */
  count(route: string, method: string, code: number, seconds: number): void {
    this.#seriesOf(route, methodName(method), code).count(seconds);
  }

  /** What the library reads the values from, for a scrape and for `get`. */
  getForPromString() {
    const values = [...this.#series].flatMap(([route, methods]) =>
      [...methods].flatMap(([method, codes]) =>
        [...codes].flatMap(([code, series]) =>
          series.values(REQUEST_TIMES, { route, method, code }),
        ),
      ),
    );
    const { name, help } = requestTimesOptions;
    return Promise.resolve({ name, help, type: 'histogram', aggregator: 'sum', values });
  }

  #seriesOf(route: string, method: string, code: number): BucketCounts {
    const methods = entry(this.#series, route, () => new Map<string, Map<number, BucketCounts>>());
    const codes = entry(methods, method, () => new Map<number, BucketCounts>());
    return entry(codes, code, () => new BucketCounts(BUCKETS));
  }
}

const REQUEST_TIMES = 'sfchat_http_request_seconds';

/** What {@link RequestTimes} is called; its buckets are its own. */
export const requestTimesOptions = {
  name: REQUEST_TIMES,
  help: 'Time from request to answer, held polls included',
  labelNames: ['route', 'method', 'code'] as const,
};

function entry<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  const found = map.get(key);
  if (found !== undefined) return found;
  const made = make();
  map.set(key, made);
  return made;
}
