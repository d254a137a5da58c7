import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { ChatEvent } from '../../chat/life-cycle.ts';

/**
 * What one process counts, in the Prometheus format. Labels name routes, codes and occasions; nothing
 * in them identifies anyone.
 */
export class Metrics {
  readonly registry = new Registry();
  readonly #registers = [this.registry];

  readonly #chatEvents = new Counter({
    name: 'sfchat_events_total',
    help: 'What happened to chats, by event; sent and acknowledged count the messages that requests name, repeats included',
    labelNames: ['event'],
    registers: this.#registers,
  });
  readonly #requests = new Histogram({
    name: 'sfchat_http_request_seconds',
    help: 'Time from request to answer, held polls included',
    labelNames: ['route', 'method', 'code'],
    buckets: [0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10, 30, 60],
    registers: this.#registers,
  });
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

  /** `heldPolls` is read when the metrics are asked for. */
  constructor(heldPolls: () => number) {
    new Gauge({
      name: 'sfchat_held_polls',
      help: 'Long polls held now',
      registers: this.#registers,
      collect() {
        this.set(heldPolls());
      },
    });
  }

  /** Adds memory, event loop and garbage collection: once per process, it keeps timers. */
  collectProcess(): void {
    collectDefaultMetrics({ register: this.registry });
  }

  /** The Prometheus text that a scrape gets. */
  text(): Promise<string> {
    return this.registry.metrics();
  }

  countEvent(event: ChatEvent, count: number): void {
    this.#chatEvents.inc({ event }, count);
  }

  observeRequest(route: string, method: string, code: number, seconds: number): void {
    this.#requests.observe({ route, method, code }, seconds);
  }

  countRefusal(limit: string): void {
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
}
