import { StorageUnavailable } from '../../src/chat/failures.ts';
import type { TerminationState } from '../../src/chat/termination-log.ts';
import { useFreshService, useService, type TestService } from '../support/test-service.ts';

const MINUTE = 60_000;

/** The value of one series; `undefined`: there is no such series. */
async function valueOf(service: () => TestService, series: string): Promise<number | undefined> {
  const { text } = await service().client.raw('GET', '/metrics');
  const line = text.split('\n').find((each) => each.startsWith(`${series} `));
  return line === undefined
    ? undefined
    : Number(line.slice(series.length + 1).replace('Nan', 'NaN'));
}

describe('what /metrics says of a service that has just started', () => {
  const service = useService();

  it.each([
    ...['created', 'joined', 'closed', 'absent', 'expired', 'gave_way', 'intruder', 'sent'].map(
      (event) => `sfchat_events_total{event="${event}"}`,
    ),
    ...[
      'chats_created',
      'failed_joins',
      'failed_authentications',
      'messages',
      'signals',
      'read',
      'held_polls_per_address',
      'held_polls',
      'connections_per_address',
      'connections',
      'live_chats',
      'stored_bytes',
      'admin_logins',
    ].map((limit) => `sfchat_limit_refusals_total{limit="${limit}"}`),
    'sfchat_terminated_chats_total{step="expired"}',
    'sfchat_terminated_chats_total{step="removed"}',
    'sfchat_answers_total{code="500"}',
    'sfchat_answers_total{code="503"}',
    'sfchat_csp_reports_total',
    'sfchat_termination_seconds_count',
    'sfchat_delivery_seconds_count',
    'sfchat_held_polls',
    ...['202', '500', '503'].flatMap((code) =>
      ['POST', 'DELETE'].map(
        (method) =>
          `sfchat_http_request_seconds_count{route="/api/v1/messages.json",method="${method}",code="${code}"}`,
      ),
    ),
    'sfchat_http_request_seconds_bucket{le="0.5",route="/api/v1/chat.json",method="PUT",code="200"}',
    'sfchat_chats{status="draft"}',
    'sfchat_chats{status="ready"}',
    'sfchat_chats{status="closed"}',
    'sfchat_last_termination_timestamp_seconds',
    'sfchat_part_state{part="storage",state="down"}',
    'sfchat_part_state{part="wake",state="degraded"}',
  ])('has %s from 0 on', async (series) => {
    expect(await valueOf(service, series)).toBe(0);
  });

  it('counts the connection that asks', async () => {
    expect(await valueOf(service, 'sfchat_connections')).toBeGreaterThan(0);
  });

  it('names the build, the mode and the capacities', async () => {
    const { text } = await service().client.raw('GET', '/metrics');

    expect(text).toMatch(
      /^sfchat_build_info\{version="[^"]+",mode="embedded",node="v\d+[^"]*"\} 1$/m,
    );
    expect(await valueOf(service, 'sfchat_capacity{limit="held_polls"}')).toBe(20_000);
    expect(await valueOf(service, 'sfchat_capacity{limit="live_chats"}')).toBe(100_000);
  });

  it('has no worker where the server runs the job itself', async () => {
    const { text } = await service().client.raw('GET', '/metrics');

    expect(text).not.toContain('worker');
  });
});

describe('what /metrics says of a service that runs', () => {
  const service = useFreshService();

  it('counts the chats of each status', async () => {
    const { client } = service();
    await client.quietPair();
    await client.create();

    // One look serves everybody who asks within a second.
    expect(await valueOf(service, 'sfchat_chats{status="ready"}')).toBe(1);
    expect(await valueOf(service, 'sfchat_chats{status="draft"}')).toBe(1);
  });

  it('says when the termination job finished last', async () => {
    const { parts, clock } = service();
    await parts.terminate();

    expect(await valueOf(service, 'sfchat_last_termination_timestamp_seconds')).toBe(
      clock.now() / 1000,
    );
  });

  it('does not take a run that was interrupted for one that finished', async () => {
    await service().parts.terminate({ signal: AbortSignal.abort() });

    expect(await valueOf(service, 'sfchat_last_termination_timestamp_seconds')).toBe(0);
  });

  it('says how fast the parts answer', async () => {
    for (const part of ['storage', 'wake']) {
      expect(await valueOf(service, `sfchat_part_latency_seconds{part="${part}"}`)).toBeLessThan(2);
    }
  });

  it('says how long a message took to whoever waited for it, and not to whoever came later', async () => {
    const { client, held } = service();
    const { creator, joiner } = await client.quietPair();
    await client.send(creator, 'read later');
    await client.empty(joiner);
    const poll = client.hold(joiner);
    await held(1);

    await client.send(creator, 'read at once');

    expect((await poll.answer).results.messages).toHaveLength(1);
    expect(await valueOf(service, 'sfchat_delivery_seconds_count')).toBe(1);
  });

  it('counts answers by code, and leaves out those that look after the service', async () => {
    await service().client.raw('GET', '/nothing-here');
    await service().client.raw('GET', '/healthz');

    expect(await valueOf(service, 'sfchat_answers_total{code="404"}')).toBe(1);
    expect(await valueOf(service, 'sfchat_answers_total{code="200"}')).toBe(0);
  });
});

describe('what /metrics says of a storage that is away', () => {
  const away = () => Promise.reject(new StorageUnavailable(new Error('away')));
  const never = () => new Promise<never>(() => undefined);
  const withStore = (methods: object) =>
    useService({
      adapt: ({ store }) => ({
        store: Object.assign(Object.create(store) as typeof store, methods, {
          disconnect: () => store.disconnect(),
        }),
      }),
    });
  const failing = withStore({ ping: away, countByStatus: away });
  const hanging = withStore({ ping: never, countByStatus: never });

  it.each([
    ['fails', failing],
    ['hangs', hanging],
  ])(
    'that it is down, and leaves a gap where nothing is known, when it %s',
    async (_how, service) => {
      expect(await valueOf(service, 'sfchat_part_state{part="storage",state="down"}')).toBe(1);
      expect(await valueOf(service, 'sfchat_part_state{part="storage",state="ok"}')).toBe(0);
      expect(await valueOf(service, 'sfchat_part_latency_seconds{part="storage"}')).toBeNaN();
      expect(await valueOf(service, 'sfchat_chats{status="ready"}')).toBeNaN();
    },
  );

  it.each([
    ['fails', failing],
    ['hangs', hanging],
  ])('nothing bad of what works, when it %s', async (_how, service) => {
    expect(await valueOf(service, 'sfchat_part_state{part="wake",state="ok"}')).toBe(1);
    expect(await valueOf(service, 'sfchat_part_state{part="server",state="ok"}')).toBe(1);
  });

  it('and so does /readyz, which waits for nothing that hangs', async () => {
    const { status, text } = await hanging().client.raw('GET', '/readyz');

    expect(status).toBe(503);
    expect(JSON.parse(text)).toMatchObject({ results: { parts: { storage: 'down', wake: 'ok' } } });
  });
});

describe('what /metrics says of workers', () => {
  let state: () => Promise<TerminationState>;
  const service = useFreshService({
    adapt: () => ({
      work: () => Promise.resolve(),
      terminationLog: { note: () => Promise.resolve(), read: () => state() },
    }),
  });
  const worker = (name: string) =>
    valueOf(service, `sfchat_part_state{part="worker",state="${name}"}`);
  const seen = (workerSeenAt: number | null) => {
    state = () => Promise.resolve({ workerSeenAt, lastRun: null });
  };

  it('that one lives which has just given a sign', async () => {
    seen(service().clock.now() - 10_000);

    expect(await worker('ok')).toBe(1);
    expect(await valueOf(service, 'sfchat_worker_heartbeat_timestamp_seconds')).toBe(
      service().clock.now() / 1000 - 10,
    );
  });

  it.each([
    ['has been silent for a minute', MINUTE],
    ['never was', null],
  ])('that none lives when it %s', async (_what, silence) => {
    seen(silence === null ? null : service().clock.now() - silence);

    expect(await worker('down')).toBe(1);
    expect(await worker('ok')).toBe(0);
  });

  it('that it is not known while Redis is away', async () => {
    state = () => Promise.reject(new Error('Redis is away'));

    expect(await worker('degraded')).toBe(1);
    expect(await worker('down')).toBe(0);
    expect(await valueOf(service, 'sfchat_worker_heartbeat_timestamp_seconds')).toBeNaN();
    expect(await valueOf(service, 'sfchat_last_termination_timestamp_seconds')).toBeNaN();
  });
});
