import assert from 'node:assert/strict';
import fc from 'fast-check';
import { newToken } from '../../../src/chat/chat.ts';
import type { ChatStore } from '../../../src/chat/chat-store.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import type { Answer, Method } from '../../support/test-client.ts';
import { startService, type TestService } from '../../support/test-service.ts';
import { GRACE_MS, LIFETIME_MS, ModelChat, people, type PersonName, type Seen } from './model.ts';

type Step =
  | { readonly do: 'create' | 'terminate' | 'restart' }
  | { readonly do: 'join' | 'receive' | 'signal' | 'close'; readonly who: PersonName }
  | { readonly do: 'send'; readonly who: PersonName; readonly ids: readonly number[] }
  | { readonly do: 'acknowledge'; readonly who: PersonName; readonly count: number }
  | { readonly do: 'wait'; readonly milliseconds: number };

const who = fc.constantFrom(...people);
/** Times around which something changes. */
const times = [1000, 61_000, GRACE_MS, GRACE_MS - 1000, LIFETIME_MS, LIFETIME_MS - 1000];

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ do: fc.constant('create' as const) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('join' as const), who }) },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('send' as const),
      who,
      // Of few, so that some are repeats.
      ids: fc.array(fc.nat(7), { minLength: 1, maxLength: 3 }),
    }),
  },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('receive' as const), who }) },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('acknowledge' as const), who, count: fc.nat(4) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constantFrom('signal' as const, 'close' as const), who }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('wait' as const),
      milliseconds: fc.constantFrom(...times),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constantFrom('terminate' as const, 'restart' as const) }),
  },
);

/** Chats that all begin alike, so that most sequences come to something. */
const steps = fc
  .array(step, { minLength: 5, maxLength: 30 })
  .map((rest): Step[] => [{ do: 'create' }, { do: 'join', who: 'joiner' }, ...rest]);

/** What is compared: a service with these settings, and with this store instead of its own, if there is one. */
export interface Target {
  readonly environment?: Readonly<Record<string, string>>;
  readonly openStore?: () => Promise<ChatStore>;
}

/** The service with one chat at a time, whose every answer is compared with that of the model. */
class Compared {
  readonly #clock = new ManualClock();
  readonly #target: Target;
  #service: TestService | null = null;
  #store: ChatStore | null = null;

  constructor(target: Target) {
    this.#target = target;
  }

  async open(): Promise<TestService> {
    if (this.#service !== null) return this.#service;
    const { environment, openStore } = this.#target;
    const store = (await openStore?.()) ?? null;
    this.#store = store;
    this.#service = await startService({
      environment: { RATE_LIMITS: 'off', ...environment },
      clock: this.#clock,
      ...(store !== null && { adapt: () => ({ store }) }),
    });
    return this.#service;
  }

  async close(): Promise<void> {
    await this.#service?.close();
    await this.#store?.disconnect();
    this.#service = null;
    this.#store = null;
  }

  async play(all: readonly Step[]): Promise<void> {
    const model = new ModelChat();
    const chat = new RealChat(() => this.open());
    for (const one of all) {
      if (one.do === 'restart') await this.close();
      else if (one.do === 'terminate') await (await this.open()).parts.terminate({});
      else if (one.do === 'wait') await this.#clock.advance(one.milliseconds);
      else {
        const expected = ask(model, one, this.#clock.now());
        const seen = await chat.do(one);
        assert.deepEqual({ step: one, seen }, { step: one, seen: expected });
      }
    }
  }
}

const messagesOf = (ids: readonly number[]) =>
  ids.map((id) => ({ id: id.toString(16).padStart(24, '0'), text: `text ${id}` }));

function ask(model: ModelChat, one: Step, now: number): Seen {
  switch (one.do) {
    case 'create':
      return model.create(now);
    case 'send':
      return model.send(one.who, messagesOf(one.ids), now);
    case 'acknowledge':
      return model.acknowledge(one.who, one.count, now);
    case 'join':
    case 'receive':
    case 'signal':
    case 'close':
      return model[one.do](one.who, now);
    default:
      throw new Error('nothing is asked');
  }
}

/** One chat of the service, by the same steps as the model. */
class RealChat {
  readonly #open: () => Promise<TestService>;
  readonly #chatToken = newToken();
  readonly #userTokens = { creator: newToken(), joiner: newToken(), stranger: newToken() };

  constructor(open: () => Promise<TestService>) {
    this.#open = open;
  }

  async do(one: Step): Promise<Seen> {
    switch (one.do) {
      case 'create':
        return admission(
          await this.#call('creator', 'POST', 'chat.json', { absenceCloseAfter: 86_400 }),
        );
      case 'join':
        return admission(await this.#call(one.who, 'PUT', 'chat.json'));
      case 'send': {
        const messages = messagesOf(one.ids).map(({ id, text }) => ({ _id: id, msg: text }));
        return codeOf(await this.#call(one.who, 'POST', 'messages.json', { messages }));
      }
      case 'receive':
        return inboxOf(await this.#receive(one.who));
      case 'acknowledge':
        return this.#acknowledge(one.who, one.count);
      case 'signal':
        return codeOf(await this.#call(one.who, 'PATCH', 'chat.json', { typing: true }));
      case 'close':
        return codeOf(await this.#call(one.who, 'DELETE', 'chat.json'));
      default:
        throw new Error('nothing is asked');
    }
  }

  #receive(name: PersonName): Promise<Answer> {
    return this.#call(name, 'GET', 'messages.json?longPolling=false');
  }

  /** The oldest of the own inbox; and what is in the inboxes of others, which must change nothing. */
  async #acknowledge(name: PersonName, count: number): Promise<Seen> {
    const own = messagesIn(await this.#receive(name));
    const ids = own.slice(0, count).map(({ _id }) => _id);
    for (const other of people.filter((one) => one !== name)) {
      const inbox = messagesIn(await this.#receive(other));
      ids.push(...inbox.map(({ _id }) => _id).filter((id) => own.every(({ _id }) => _id !== id)));
    }
    const messages = [...ids, newToken()].map((_id) => ({ _id }));
    return codeOf(await this.#call(name, 'DELETE', 'messages.json', { messages }));
  }

  async #call(name: PersonName, method: Method, resource: string, data?: object): Promise<Answer> {
    const { client } = await this.#open();
    const person = { chatToken: this.#chatToken, userToken: this.#userTokens[name] };
    return client.call(method, resource, { person, ...(data !== undefined && { body: { data } }) });
  }
}

/** None in a refusal. */
const messagesIn = ({ status, results }: Answer) => (status === 200 ? results.messages : []);

const codeOf = ({ status }: Answer): Seen => ({ code: status });

const admission = ({ status, results }: Answer): Seen =>
  status < 300 ? { code: status, status: results.status } : { code: status };

const inboxOf = ({ status: code, results }: Answer): Seen => {
  if (code !== 200) return { code };
  const { status, waiting, messages } = results;
  const items = messages.map(({ _id: id, msg: text, event }) =>
    event === undefined ? { id, text } : { event },
  );
  return { code, status, items, waiting };
};

/** Compares so many random sequences; a failing one is made as short as it can be. */
export async function compareWithModel(target: Target, numRuns: number): Promise<void> {
  const compared = new Compared(target);
  try {
    // The same sequences in each run of the tests, unless somebody looks for new ones.
    const seed = Number(process.env['MODEL_SEED'] ?? 42);
    const property = fc.asyncProperty(steps, (all) => compared.play(all));
    await fc.assert(property, { numRuns, seed, includeErrorInReport: true });
  } finally {
    await compared.close();
  }
}
