import helmet, { type HelmetOptions } from 'helmet';
import type { IncomingMessage, ServerResponse } from 'node:http';

export type Headers = Readonly<Record<string, string>>;

/**
 * What helmet would set on every response, computed once: none of it depends on the request, and a
 * middleware that sets a dozen headers one by one costs more than the rest of a small answer.
 */
function constantHeaders(options: HelmetOptions): Headers {
  const headers: Record<string, string> = {};
  const recorder = {
    setHeader: (name: string, value: string) => {
      headers[name] = value;
    },
    removeHeader: () => undefined,
  };
  helmet(options)({} as IncomingMessage, recorder as unknown as ServerResponse, () => undefined);
  return Object.freeze(headers);
}

const common: HelmetOptions = {
  // Subdomains are the operator's own affair.
  strictTransportSecurity: { maxAge: 31_536_000, includeSubDomains: false },
  referrerPolicy: { policy: 'no-referrer' },
  xFrameOptions: { action: 'deny' },
};

/** Nothing that a page of ours does not need; a browser that is told so has nothing to give away. */
const permissions =
  'camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()';

/** Where Google Analytics takes events. */
const ANALYTICS_HOST = 'https://www.google-analytics.com';

/** @param connectTo hosts besides this one that scripts may send something to */
const pageHeadersFor = (...connectTo: string[]): Headers => ({
  ...constantHeaders({
    ...common,
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        'default-src': ["'none'"],
        'script-src': ["'self'"],
        'style-src': ["'self'"],
        'img-src': ["'self'"],
        'connect-src': ["'self'", ...connectTo],
        'manifest-src': ["'self'"],
        'worker-src': ["'self'"],
        'base-uri': ["'none'"],
        'form-action': ["'self'"],
        'frame-ancestors': ["'none'"],
        'require-trusted-types-for': ["'script'"],
        // The one policy knows one address, that of the service worker.
        'trusted-types': ['service-worker'],
        'report-uri': ['/csp-report'],
      },
    },
  }),
  'Permissions-Policy': permissions,
});

/** Of everything a person sees. No `unsafe-*`, and no script can turn a text into HTML. */
export const pageHeaders: Headers = pageHeadersFor();

/** Of the home page of an operator who wants it counted. */
export const countedPageHeaders: Headers = pageHeadersFor(ANALYTICS_HOST);

/** Of every answer under `/api`. */
export const apiHeaders = {
  ...constantHeaders({
    ...common,
    contentSecurityPolicy: {
      useDefaults: false,
      directives: { 'default-src': ["'none'"], 'frame-ancestors': ["'none'"] },
    },
  }),
  'Cache-Control': 'no-store',
  'Content-Type': 'application/json; charset=utf-8',
} satisfies Headers;

/** {@link apiHeaders} as names and values in turn, which is the form that Node writes without looking at it. */
export const apiHeaderList: readonly string[] = Object.freeze(Object.entries(apiHeaders).flat());
