import type { Express, RequestHandler } from 'express';
import { failures } from '../../chat/failures.ts';
import { failureOfErrors } from '../../http/errors.ts';
import { refuseOtherSites } from '../../http/same-site.ts';
import type { Gateway, GatewayContext } from '../gateway.ts';
import { answerRefusals, answerJson, refuseMethod } from './answers.ts';
import { createCallers } from './callers.ts';
import { formBody } from './form.ts';
import { friends, startSession } from './sessions.ts';
import { sendForm } from './send-form.ts';
import { streamHandler } from './stream.ts';
import { createTokens } from './tokens.ts';

const BASE = '/nereid-chat';

/** nereid Browser Chat 1.0 (gateways.md): an event stream, and forms to send. */
export const open = (context: GatewayContext): Gateway => ({
  routes: (app) => {
    const tokens = createTokens(context);
    const callers = createCallers(context, tokens);
    const stream = streamHandler(context);

    post(app, 'token', async (req, res) => {
      const { chatToken, userToken } = await callers.byHeaders(req);
      answerJson(res, 200, { token: await tokens.make({ chatToken, userToken }) });
    });
    get(app, 'stream', async (req, res) => {
      await stream(req, res, await callers.byHeaders(req));
    });
    get(app, 'stream/:token', async (req, res) => {
      await stream(req, res, await callers.byStreamToken(req, req.params['token']));
    });
    post(app, 'send-message', formBody, sendForm(context, callers));
    post(app, 'start-session', formBody, startSession(context, callers));
    get(app, 'get-friends', friends(context, callers));

    app.use(BASE, () => {
      throw failures.notFound();
    });
    app.use(BASE, answerRefusals(failureOfErrors(context.logger)));
  },
});

function post(app: Express, name: string, ...handlers: RequestHandler[]): void {
  app.post(`${BASE}/${name}`, refuseOtherSites, ...handlers);
  app.all(`${BASE}/${name}`, refuseMethod('POST'));
}

/** HEAD comes with GET. */
function get(app: Express, name: string, handler: RequestHandler): void {
  app.get(`${BASE}/${name}`, handler);
  app.all(`${BASE}/${name}`, refuseMethod('GET, HEAD'));
}
