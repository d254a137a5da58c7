import type { Page, Route } from 'playwright-core';

/** What a hostile server delivers in the place of one user message. */
export type PageMeddler = (msg: string) => readonly string[];

/** A server between a page and the real one. */
export interface Relay {
  /** What is done to each user message for the page. */
  meddler: PageMeddler;
  /** What the page is told of its own messages; undefined: the truth. */
  waiting: number | undefined;
  /** Said to the page with its next answer. */
  readonly forged: string[];
  /** From now on the page talks to the real server. */
  end(): Promise<void>;
}

interface Answer {
  results: {
    messages: { _id: string; msg: string; system: boolean }[];
    waiting: number;
    count: number;
  };
}

export const honest: PageMeddler = (msg) => [msg];

let made = 0;
const newId = (): string => (made += 1).toString(16).padStart(24, 'f');

/** Puts a hostile server in front of a page; at first it is honest. */
export async function relayTo(page: Page): Promise<Relay> {
  const relay: Relay = {
    meddler: honest,
    waiting: undefined,
    forged: [],
    end: () => page.unrouteAll({ behavior: 'ignoreErrors' }),
  };

  const meddle = ({ results }: Answer): string[] => {
    const dropped: string[] = [];
    results.messages = results.messages.flatMap((message) => {
      if (message.system) return [message];
      const instead = relay.meddler(message.msg);
      if (instead.length === 0) dropped.push(message._id);
      return instead.map((msg, index) => ({
        ...message,
        msg,
        _id: index === 0 ? message._id : newId(),
      }));
    });
    for (const msg of relay.forged.splice(0)) {
      results.messages.push({ _id: newId(), msg, system: false });
    }
    results.count = results.messages.length;
    results.waiting = relay.waiting ?? results.waiting;
    return dropped;
  };

  /** What a hostile server drops, it has forgotten. */
  const forget = async (route: Route, ids: string[]): Promise<void> => {
    if (ids.length === 0) return;
    const { 'x-sfc-chattoken': chat, 'x-sfc-usertoken': user } = route.request().headers();
    await page.request.delete('/api/v1/messages.json', {
      headers: { 'X-SFC-chatToken': chat ?? '', 'X-SFC-userToken': user ?? '' },
      data: { data: { messages: ids.map((_id) => ({ _id })) } },
    });
  };

  await page.route('**/api/v1/messages.json?*', async (route) => {
    const answer = await route.fetch({ timeout: 0 });
    if (!answer.ok()) return route.fulfill({ response: answer });
    const body = (await answer.json()) as Answer;
    await forget(route, meddle(body));
    return route.fulfill({ response: answer, json: body });
  });
  return relay;
}
