import express, { type Express, type RequestHandler } from 'express';
import type { Logger } from 'pino';
import { failures } from '../../chat/failures.ts';
import type { Metrics } from '../ops/metrics.ts';
import { apiHeaders } from '../headers.ts';
import { offer } from '../resource.ts';

const readReport = express.text({
  limit: '16kb',
  type: ['application/csp-report', 'application/reports+json', 'application/json'],
});

/** Reports logged per minute: one browser extension must not fill the operator's disk. */
const LOGGED_PER_MINUTE = 10;

/** `/csp-report`: a page that does what our policy forbids is a fault, or an attack, worth knowing of. */
export function cspReportRoute(app: Express, logger: Logger, metrics: Metrics): void {
  let logged = 0;
  let windowEnds = 0;
  const receive: RequestHandler = (req, res) => {
    const text = typeof req.body === 'string' ? req.body : '';
    assertJson(text);
    metrics.countCspReport();
    const now = Date.now();
    if (now >= windowEnds) [logged, windowEnds] = [0, now + 60_000];
    const directive = violatedDirective(text);
    if (directive !== null && logged < LOGGED_PER_MINUTE) {
      logged += 1;
      logger.warn({ directive }, 'content security policy violated');
    }
    res.writeHead(204, { ...apiHeaders, 'Content-Type': 'text/plain' }).end();
  };
  offer(app, '/csp-report', { POST: [readReport, receive] });
}

function assertJson(text: string): void {
  try {
    JSON.parse(text);
  } catch {
    throw failures.badRequest('a report is JSON');
  }
}

/** Every directive that a browser may say was violated (CSP 3): a log takes no other word from strangers. */
const directives: ReadonlySet<string> = new Set([
  ...['base-uri', 'form-action', 'frame-ancestors', 'navigate-to', 'sandbox', 'trusted-types'],
  ...['require-trusted-types-for', 'upgrade-insecure-requests'],
  ...['script-src-attr', 'script-src-elem', 'style-src-attr', 'style-src-elem'],
  ...['child-src', 'connect-src', 'default-src', 'fenced-frame-src', 'font-src', 'frame-src'],
  ...['img-src', 'manifest-src', 'media-src', 'object-src', 'prefetch-src', 'script-src'],
  ...['style-src', 'worker-src'],
]);

/**
 * The directive alone: a report also has addresses and pieces of scripts, which we do not want. `other`: one that
 * is not known; `null`: no report.
 */
function violatedDirective(text: string): string | null {
  const found = /"(?:effective-?directive|violated-directive)"\s*:\s*"([^" ]{0,40})/i.exec(text);
  const directive = found?.[1]?.toLowerCase();
  if (directive === undefined) return null;
  return directives.has(directive) ? directive : 'other';
}
