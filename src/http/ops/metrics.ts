import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { chatEvents, type ChatEvent } from '../../chat/life-cycle.ts';
import { limitNames, type LimitName } from '../limit-names.ts';
import { DeliveryTimes, deliveryTimesOptions } from './delivery-times.ts';
import { RequestTimes, requestTimesOptions } from './request-times.ts';
import { serviceGauges, type ServiceFacts } from './service-gauges.ts';

/** Every code that the service answers with, and that of a client which went away. */
const answerCodes = [
  101, 200, 201, 202, 204, 301, 303, 304, 400, 401, 403, 404, 408, 409, 410, 413, 415, 417, 421,
  429, 431, 499, 500, 501, 503,
];

/** Who looks after the service asks these every few seconds. */
const opsPaths: readonly string[] = ['/healthz', '/readyz', '/metrics'];

/** What clients hold in this process; read when the metrics are asked for. */
export interface HeldNow {
  readonly heldPolls: () => number;
  readonly connections: () => number;
}

/**
 * What one process counts, in the Prometheus format. Labels name routes, codes and occasions; nothing
 * in them identifies anyone.
 */
export class Metrics {
  readonly registry = new Registry();
  readonly #registers = [this.registry];

  /** What is counted for every request is put into the library's form when somebody asks. */
  readonly #events = new Map<ChatEvent, number>(chatEvents.map((event) => [event, 0]));
  readonly #answers = new Map<number, number>(answerCodes.map((code) => [code, 0]));
  readonly #requests = new RequestTimes({ ...requestTimesOptions, registers: this.#registers });
  readonly #deliveries = new DeliveryTimes({ ...deliveryTimesOptions, registers: this.#registers });
  readonly #refusals = new Counter({
    name: 'sfchat_limit_refusals_total',
    help: 'Requests refused by a limit',
    labelNames: ['limit'],
    registers: this.#registers,
  });
  readonly #terminated = new Counter({
    name: 'sfchat_terminated_chats_total',
    help: 'Chats that the termination job expired or removed',
    labelNames: ['step'],
    registers: this.#registers,
  });
  readonly #terminationSeconds = new Histogram({
    name: 'sfchat_termination_seconds',
    help: 'Duration of the termination job',
    buckets: [0.01, 0.1, 1, 10, 60, 600],
    registers: this.#registers,
  });
  readonly #cspReports = new Counter({
    name: 'sfchat_csp_reports_total',
    help: 'Content-Security-Policy reports received',
    registers: this.#registers,
  });

  constructor({ heldPolls, connections }: HeldNow) {
    this.#countOnDemand(this.#events, {
      name: 'sfchat_events_total',
      help: 'What happened to chats, by event; sent and acknowledged count the messages that requests name, repeats included',
      label: 'event',
    });
    this.#countOnDemand(this.#answers, {
      name: 'sfchat_answers_total',
      help: 'Answers by code, but for those about health and metrics',
      label: 'code',
    });
    this.#gauge('sfchat_held_polls', 'Long polls held now', heldPolls);
    this.#gauge('sfchat_connections', 'Connections open now', connections);
    this.#requests.beginAtZero();
    // From 0 on: Prometheus sees no increase in a series that begins with its first event.
    for (const limit of limitNames) this.#refusals.inc({ limit }, 0);
    for (const step of ['expired', 'removed']) this.#terminated.inc({ step }, 0);
  }

  /** Adds how the service is, which is looked at whenever the metrics are asked for. */
  describeService(facts: ServiceFacts): void {
    serviceGauges(this.registry, facts);
  }

  /** Adds memory, event loop and garbage collection: once per process, it keeps timers. */
  collectProcess(): void {
    collectDefaultMetrics({ register: this.registry });
  }

  /** The Prometheus text that a scrape gets. */
  text(): Promise<string> {
    return this.registry.metrics();
  }

  countEvent(event: ChatEvent, times: number): void {
    count(this.#events, event, times);
  }

  observeRequest(route: string, method: string, code: number, seconds: number): void {
    this.#requests.count(route, method, code, seconds);
    if (!opsPaths.includes(route)) count(this.#answers, code, 1);
  }

  /** @param seconds from the acceptance of a message to the answer of the poll that waited for it */
  observeDelivery(seconds: number): void {
    this.#deliveries.count(seconds);
  }

  countRefusal(limit: LimitName): void {
    this.#refusals.inc({ limit });
  }

  observeTermination(report: { expired: number; removed: number; milliseconds: number }): void {
    this.#terminated.inc({ step: 'expired' }, report.expired);
    this.#terminated.inc({ step: 'removed' }, report.removed);
    this.#terminationSeconds.observe(report.milliseconds / 1000);
  }

  countCspReport(): void {
    this.#cspReports.inc();
  }

  /** How often each limit has refused somebody since the process began. */
  async refusals(): Promise<ReadonlyMap<LimitName, number>> {
    const { values } = await this.#refusals.get();
    return new Map(values.map(({ labels, value }) => [labels.limit as LimitName, value]));
  }

  #gauge(name: string, help: string, read: () => number): void {
    new Gauge({
      name,
      help,
      registers: this.#registers,
      collect() {
        this.set(read());
      },
    });
  }

  /** A counter that reads what was counted when it is asked for; one from 0 on for every key. */
  #countOnDemand(
    counts: ReadonlyMap<string | number, number>,
    { name, help, label }: { name: string; help: string; label: string },
  ): void {
    new Counter({
      name,
      help,
      labelNames: [label],
      registers: this.#registers,
      collect() {
        this.reset();
        for (const [key, value] of counts) this.inc({ [label]: key }, value);
      },
    });
  }
}

function count<Key>(counts: Map<Key, number>, key: Key, times: number): void {
  counts.set(key, (counts.get(key) ?? 0) + times);
}
