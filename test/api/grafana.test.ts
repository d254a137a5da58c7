import { readFileSync } from 'node:fs';
import { useService } from '../support/test-service.ts';

/** Only where there are workers, whose heartbeat it is. */
const ofWorkers = 'sfchat_worker_heartbeat_timestamp_seconds';

interface Panel {
  readonly targets?: readonly { readonly expr: string }[];
}

describe('the Grafana dashboard', () => {
  const service = useService();
  const { panels } = JSON.parse(readFileSync('config/grafana/sfchat.json', 'utf8')) as {
    panels: Panel[];
  };
  const shown = new Set(
    panels
      .flatMap(({ targets = [] }) => targets.map(({ expr }) => expr))
      .flatMap((expression) => expression.match(/\bsfchat_\w+/g) ?? [])
      .map((name) => name.replace(/_(?:bucket|sum|count)$/, '')),
  );

  it('shows every series that the service gives, and no other', async () => {
    const { text } = await service().client.raw('GET', '/metrics');
    const given = [...text.matchAll(/^# TYPE (sfchat_\w+)/gm)].map(([, name]) => name);

    expect([...shown].toSorted()).toEqual([...given, ofWorkers].toSorted());
  });
});
