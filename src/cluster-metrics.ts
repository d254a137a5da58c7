import cluster from 'node:cluster';
import { AggregatorRegistry, type Registry } from 'prom-client';

/** What a web process asks of its supervisor: the metrics of all web processes together. */
interface Question {
  readonly type: 'sfchat:metrics?';
  readonly id: number;
}

/** The Prometheus text; `null` when some process did not say its part in time. */
interface Answer {
  readonly type: 'sfchat:metrics';
  readonly id: number;
  readonly text: string | null;
}

/** In the supervisor: adds up the metrics of all web processes whenever one of them asks. */
export function answerClusterMetrics(): void {
  const aggregator = new AggregatorRegistry();
  cluster.on('message', (worker, message: Partial<Question>) => {
    if (message.type !== 'sfchat:metrics?') return;
    const answer = (text: string | null): void => {
      if (worker.isConnected()) worker.send({ type: 'sfchat:metrics', id: message.id, text });
    };
    aggregator.clusterMetrics().then(answer, () => {
      answer(null);
    });
  });
}

/**
 * In a web process under a supervisor: how to read the metrics of all of them, this one's included.
 * Rejects when one of them does not answer within prom-client's 5 seconds: a sum without its part would
 * look as if counters had gone back.
 */
export function clusterMetrics(registry: Registry): () => Promise<string> {
  AggregatorRegistry.setRegistries([registry]);
  // Makes this process answer when the supervisor asks for its part.
  new AggregatorRegistry();
  const waiting = new Map<number, (text: string | null) => void>();
  let asked = 0;
  process.on('message', ({ type, id, text }: Partial<Answer>) => {
    if (type === 'sfchat:metrics' && id !== undefined) waiting.get(id)?.(text ?? null);
  });
  return async () => {
    const id = (asked += 1);
    const text = await new Promise<string | null>((resolve) => {
      waiting.set(id, resolve);
      process.send?.({ type: 'sfchat:metrics?', id } satisfies Question);
    });
    waiting.delete(id);
    if (text === null) throw new Error('Not every web process told its metrics');
    return text;
  };
}
