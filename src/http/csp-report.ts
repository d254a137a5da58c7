import express, { type Express, type RequestHandler } from 'express';
import type { Logger } from 'pino';
import type { Metrics } from '../metrics.ts';
import { apiHeaders } from './headers.ts';
import { offer } from './resource.ts';

const parseReport = express.json({
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
    metrics.countCspReport();
    const now = Date.now();
    if (now >= windowEnds) [logged, windowEnds] = [0, now + 60_000];
    const directive = violatedDirective(req.body);
    if (directive !== null && logged < LOGGED_PER_MINUTE) {
      logged += 1;
      logger.warn({ directive }, 'content security policy violated');
    }
    res.writeHead(204, { ...apiHeaders, 'Content-Type': 'text/plain' }).end();
  };
  offer(app, '/csp-report', { POST: [parseReport, receive] });
}

/** The directive alone: a report also has addresses and pieces of scripts, which we do not want. `null`: no report. */
function violatedDirective(body: unknown): string | null {
  const found = /"(?:effective-?directive|violated-directive)":"([a-z-]{1,40})/i.exec(
    JSON.stringify(body ?? null),
  );
  return found?.[1] ?? null;
}
