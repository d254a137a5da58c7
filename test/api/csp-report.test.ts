import { captureLog } from '../support/captured-log.ts';
import type { TestClient } from '../support/test-client.ts';
import { startService, useService, type TestService } from '../support/test-service.ts';

const report = {
  'csp-report': {
    'document-uri': 'https://example.org/chat?secret=hunter2',
    'violated-directive': 'script-src-elem',
    'effective-directive': 'script-src-elem',
    'blocked-uri': 'https://evil.example/x.js',
    'script-sample': 'steal("hunter2")',
  },
};

const send = (client: TestClient, body: object | string, type = 'application/csp-report') =>
  client.raw('POST', '/csp-report', {
    body: typeof body === 'string' ? body : JSON.stringify(body),
    type,
  });

describe('/csp-report', () => {
  const service = useService();
  const client = () => service().client;
  const count = async () => {
    const { text } = await client().raw('GET', '/metrics');
    return Number(/^sfchat_csp_reports_total (\d+)$/m.exec(text)?.[1]);
  };

  it.each(['application/csp-report', 'application/reports+json', 'application/json'])(
    'counts a report of type %s and has nothing to say',
    async (type) => {
      const before = await count();

      const { status, text } = await send(client(), report, type);

      expect(status).toBe(204);
      expect(text).toBeFalsy();
      expect(await count()).toBe(before + 1);
    },
  );

  it('does not take a large or a broken one', async () => {
    const large = { ...report, padding: 'x'.repeat(20_000) };

    expect((await send(client(), large)).status).toBe(413);
    expect((await send(client(), '{')).status).toBe(400);
  });

  it('is where the policy of our pages points', async () => {
    const { headers } = await client().raw('GET', '/');

    expect(headers['content-security-policy']).toContain('report-uri /csp-report');
  });
});

describe('the log of policy violations', () => {
  let log: ReturnType<typeof captureLog>;
  let service: TestService;
  const violations = () => log.lines().filter((line) => line.includes('policy violated'));

  beforeEach(async () => {
    log = captureLog();
    service = await startService({ logger: log.logger });
  });
  afterEach(() => service.close());

  it('names the directive, but no address and no piece of a script', async () => {
    await send(service.client, report);

    expect(violations()).toHaveLength(1);
    expect(violations()[0]).toContain('script-src-elem');
    expect(log.lines().join('\n')).not.toMatch(/hunter2|evil\.example|example\.org/);
  });

  it('cannot be filled by whoever sends many', async () => {
    for (let index = 0; index < 100; index += 1) await send(service.client, report);

    // Should a minute end meanwhile, as many again.
    expect(violations().length).toBeLessThanOrEqual(20);
  });

  it('takes no words of whoever sends one', async () => {
    for (const word of ['call-me-at-example', 'script-srcx', 'script-src-elem-and-more'])
      await send(service.client, { 'effective-directive': word });

    expect(violations()).toHaveLength(3);
    for (const line of violations()) expect(JSON.parse(line)).toMatchObject({ directive: 'other' });
  });

  it('takes no line from a report that pretends to be one', async () => {
    const forged = { 'effective-directive': 'x","level":60,"msg":"forged' };
    const before = log.lines().length;

    await send(service.client, forged);

    for (const line of log.lines().slice(before))
      expect(() => JSON.parse(line) as unknown).not.toThrow();
    expect(log.lines().join('\n')).not.toContain('forged');
  });
});
