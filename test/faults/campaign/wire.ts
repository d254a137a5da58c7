import { Agent, request } from 'undici';
import {
  API_BASE,
  headerNames,
  type AdmissionResults,
  type InboxResults,
  type StateResults,
} from '../../../src/protocol.ts';

/** The two tokens of a participant. */
export interface Tokens {
  readonly chatToken: string;
  readonly userToken: string;
}

type Results = { readonly code: number; readonly msg: string } & Partial<AdmissionResults> &
  Partial<Omit<InboxResults, 'talker'>> &
  Partial<Pick<StateResults, 'participants'>>;

export interface WireAnswer {
  readonly code: number;
  readonly results: Results;
  readonly retryAfterMs: number;
}

export interface WireCall {
  readonly tokens?: Partial<Tokens>;
  readonly data?: object;
  readonly signal?: AbortSignal;
  /** Milliseconds after which nobody waits for an answer any more. */
  readonly patienceMs?: number;
}

/** Milliseconds; longer than any answer takes that is not held. */
const PATIENCE_MS = 12_000;

/** Milliseconds that no such answer takes on a machine that has time for us. */
const SLOW_MS = 2000;

/** Speaks the protocol over real connections; what has no whole answer is thrown. */
export class Wire {
  readonly #origin: () => string;
  readonly #onSlow: (what: string) => void;
  #agent = newAgent();

  /** @param onSlow hears of each answer that nobody had to be kept waiting for, and was */
  constructor(origin: () => string, onSlow: (what: string) => void = () => undefined) {
    this.#origin = origin;
    this.#onSlow = onSlow;
  }

  get origin(): string {
    return this.#origin();
  }

  async call(method: Method, resource: string, call: WireCall = {}): Promise<WireAnswer> {
    const begun = performance.now();
    try {
      return await this.#call(method, resource, call);
    } finally {
      const milliseconds = performance.now() - begun;
      const isHeld = call.patienceMs !== undefined;
      if (!isHeld && milliseconds > SLOW_MS)
        this.#onSlow(`an answer after ${milliseconds.toFixed(0)} ms`);
    }
  }

  async #call(method: Method, resource: string, call: WireCall): Promise<WireAnswer> {
    const { tokens, data, signal, patienceMs = PATIENCE_MS } = call;
    const limit = AbortSignal.timeout(patienceMs);
    const { statusCode, headers, body } = await request(
      `${this.#origin()}${API_BASE}/${resource}`,
      {
        method,
        dispatcher: this.#agent,
        signal: signal === undefined ? limit : AbortSignal.any([signal, limit]),
        headers: {
          ...(tokens?.chatToken !== undefined && { [headerNames.chatToken]: tokens.chatToken }),
          ...(tokens?.userToken !== undefined && { [headerNames.userToken]: tokens.userToken }),
          ...(data !== undefined && { 'Content-Type': 'application/json' }),
        },
        ...(data !== undefined && { body: JSON.stringify({ data }) }),
      },
    );
    if (statusCode === 408) this.#onSlow('a request did not arrive in time');
    const { results } = (await body.json()) as { results: Results };
    const retryAfterMs = Number(headers['retry-after'] ?? 0) * 1000;
    return { code: statusCode, results, retryAfterMs };
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
    this.#agent = newAgent();
  }
}

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE' | 'PATCH';

const newAgent = () =>
  new Agent({ pipelining: 1, headersTimeout: 0, bodyTimeout: 0, keepAliveTimeout: 4000 });
