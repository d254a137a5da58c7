import type { Inbox, IncomingMessage } from '../../../src/client/api/answers.ts';
import type { ApiClient } from '../../../src/client/api/api-client.ts';
import { noAnswer } from '../../../src/client/api/no-answer.ts';
import { createChatRoom, type ChatRoom } from '../../../src/browser/room/chat-room.ts';
import type { ChatView } from '../../../src/browser/room/chat-view.ts';
import { createPlainLine } from '../../../src/client/connection/line.ts';
import { openTabOutbox } from '../../../src/browser/session/outbox.ts';
import { startSession, type Session } from '../../../src/browser/session/session.ts';
import { createTabStorage } from '../../../src/browser/session/tab-storage.ts';
import type { Entry } from '../../../src/browser/session/transcript.ts';
import type { Known } from '../../../src/client/api/answers.ts';
import { failures, type Failure } from '../../../src/chat/failures.ts';
import type { OutgoingMessage, Status } from '../../../src/protocol.ts';
import { memoryStore, PageClock, settle } from './support.ts';

/** A server with one participant's view of one chat; each part can be made to fail. */
interface FakeServer {
  api: ApiClient;
  status: Status;
  inbox: IncomingMessage[];
  received: OutgoingMessage[];
  failReceive: Failure | undefined;
  failSend: Failure | undefined;
  /** How many messages the talker has not acknowledged, as far as the server says. */
  waiting: number;
  /** What held polls said that they know of it. */
  asked: (Known | undefined)[];
  /** What this participant signalled. */
  typed: boolean[];
  showsTyping: boolean;
  isOpenElsewhere: boolean;
  /** What the state of the chat is answered after. */
  beforeState: Promise<void>;
  probed(): Promise<boolean>;
  present: boolean;
  typing: boolean;
  /** Something else is true now than what polls were told. */
  wake(): void;
  deliver(...texts: string[]): void;
}

function fakeServer(): FakeServer {
  let wake = (): void => undefined;
  const answerNow = (): Promise<Inbox> =>
    Promise.resolve({
      status: server.status,
      messages: [...server.inbox],
      waiting: server.waiting,
      talker: { present: server.present, typing: server.typing },
    });
  const server: FakeServer = {
    status: 'ready',
    inbox: [],
    received: [],
    failReceive: undefined,
    failSend: undefined,
    waiting: 0,
    asked: [],
    typed: [],
    showsTyping: true,
    isOpenElsewhere: true,
    beforeState: Promise.resolve(),
    probed: () => Promise.resolve(server.failReceive === undefined),
    present: true,
    typing: false,
    wake: () => {
      wake();
    },
    deliver(...texts) {
      for (const text of texts) server.inbox.push({ _id: `id-${text}`, msg: text, system: false });
      wake();
    },
    api: {
      create: () => Promise.reject(failures.notImplemented()),
      join: () => Promise.reject(failures.notImplemented()),
      state: async () => {
        await server.beforeState;
        return {
          status: server.status,
          participants: server.status === 'draft' ? 1 : 2,
          absenceCloseAfter: 3_600,
          expires: '',
          talker: { present: server.present, lastSeen: '2026-01-01T12:00:00Z' },
          answeredAt: Date.parse('2026-01-01T12:00:30Z'),
        };
      },
      close() {
        server.status = 'closed';
        server.inbox.push({ _id: 'closed', msg: 'closed', system: true });
        wake();
        return Promise.resolve();
      },
      signalTyping(_tokens, typing) {
        server.typed.push(typing);
        return Promise.resolve();
      },
      receive(_tokens, hold, signal, known) {
        if (hold) server.asked.push(known);
        if (server.failReceive) return Promise.reject(server.failReceive);
        if (!hold || server.inbox.length > 0 || server.status === 'closed') return answerNow();
        return new Promise((resolve, reject) => {
          wake = () => {
            answerNow().then(resolve, reject);
          };
          signal.addEventListener('abort', () => {
            reject(noAnswer());
          });
        });
      },
      send(_tokens, messages) {
        if (server.failSend) return Promise.reject(server.failSend);
        server.received.push(...messages);
        return Promise.resolve();
      },
      acknowledge(_tokens, ids) {
        server.inbox = server.inbox.filter(({ _id }) => !ids.includes(_id));
        return Promise.resolve();
      },
    },
  };
  return server;
}

/** What a person would see. */
class FakeView implements ChatView {
  readonly lines: string[] = [];
  readonly deliveries = new Map<string, string>();
  status: Status = 'draft';
  connection = '';
  trouble = '';
  presence = '';
  /** Every change of it. */
  readonly presences: string[] = [];
  unsent = 0;
  superseded = false;
  security = '';
  end: string | undefined;

  restore: ChatView['restore'] = (entries) => {
    this.lines.splice(0);
    this.add(entries);
  };
  add: ChatView['add'] = (entries) => {
    this.lines.push(...entries.map(describeEntry));
  };
  setDelivery: ChatView['setDelivery'] = (id, { kind, text }) => {
    const isQuiet = kind === 'sent' || kind === 'delivered';
    this.deliveries.set(id, isQuiet ? kind : text);
  };
  setSecurity: ChatView['setSecurity'] = ({ kind }) => {
    this.security = kind;
  };
  setStatus: ChatView['setStatus'] = (status) => {
    this.status = status;
  };
  setConnection: ChatView['setConnection'] = (connection) => {
    this.connection = connection.kind;
    this.trouble = connection.kind === 'waiting' ? connection.trouble : '';
  };
  setTalker: ChatView['setTalker'] = ({ kind }) => {
    if (this.presence !== kind) this.presences.push(kind);
    this.presence = kind;
  };
  setUnsent: ChatView['setUnsent'] = (count) => {
    this.unsent = count;
  };
  setExpiry: ChatView['setExpiry'] = () => undefined;
  showSuperseded: ChatView['showSuperseded'] = () => {
    this.superseded = true;
  };
  hideSuperseded: ChatView['hideSuperseded'] = () => {
    this.superseded = false;
  };
  showEnd: ChatView['showEnd'] = (text) => {
    this.end = text;
  };
}

const describeEntry = ({ author, text, earlier }: Entry): string => {
  const name = { you: 'You: ', talker: 'Talker: ', system: '*** ', notice: '' }[author];
  return `${name}${text}${earlier ? ' (earlier)' : ''}`;
};

interface Rig {
  room: ChatRoom;
  view: FakeView;
  clock: PageClock;
}

function openRoom(
  server: FakeServer,
  store = memoryStore(),
  status: Status = 'ready',
  clock = new PageClock(),
): Rig {
  const storage = createTabStorage(() => store);
  const session: Session = {
    chatToken: 'c'.repeat(24),
    userToken: 'a'.repeat(24),
    role: 'creator',
    status,
    encrypted: false,
    created: '',
    expires: '',
    endsAt: Infinity,
  };
  if (store.keys().length === 0) startSession(storage, session);
  const view = new FakeView();
  const onForgotten = (): void => undefined;
  const room = createChatRoom({
    session,
    storage,
    line: createPlainLine(openTabOutbox(storage)),
    api: server.api,
    clock,
    view,
    messageMaxLength: 140,
    askServer: () => server.probed(),
    isVisible: () => true,
    isOpenElsewhere: () => Promise.resolve(server.isOpenElsewhere),
    showsTyping: () => server.showsTyping,
    onForgotten,
  });
  room.open();
  return { room, view, clock };
}

describe('a chat in a tab', () => {
  test('shows one’s own message at once, and that it is on its way', async () => {
    const server = fakeServer();
    const { room, view } = openRoom(server);
    room.send('Hi');
    expect(view.lines).toEqual(['You: Hi']);
    expect([...view.deliveries.values()]).toEqual(['sending…']);
    await settle();
    expect([...view.deliveries.values()]).toEqual(['sent']);
    expect(server.received).toMatchObject([{ msg: 'Hi' }]);
  });

  test('sends after a reload what was not sent before, with the same id', async () => {
    const server = fakeServer();
    server.failSend = noAnswer();
    const store = memoryStore();
    const before = openRoom(server, store);
    before.room.send('Hi');
    await settle();
    expect([...before.view.deliveries.values()]).toEqual(['not sent yet, will retry']);
    const [id] = before.view.deliveries.keys();

    server.failSend = undefined;
    const { view } = openRoom(server, store);
    expect([...view.deliveries.values()]).toEqual(['not sent yet, will retry']);
    await settle();
    expect(view.lines).toEqual(['You: Hi']);
    expect(server.received).toEqual([{ _id: id, msg: 'Hi' }]);
    expect([...view.deliveries.values()]).toEqual(['sent']);
  });

  test('shows after a reload what was said, and nothing twice', async () => {
    const server = fakeServer();
    const store = memoryStore();
    server.deliver('Hello');
    const before = openRoom(server, store);
    await settle();
    before.room.send('Hi');
    await settle();
    const { view } = openRoom(server, store);
    await settle();
    expect(view.lines).toEqual(['Talker: Hello', 'You: Hi']);
  });

  test('sends what is waiting as soon as the connection is back', async () => {
    const server = fakeServer();
    const { room, view, clock } = openRoom(server);
    await settle();
    server.failSend = noAnswer();
    server.failReceive = noAnswer();
    room.recheck();
    room.send('Hi');
    await settle();
    expect(view.connection).toBe('waiting');
    await clock.advance(14_000);
    server.failSend = undefined;
    server.failReceive = undefined;
    room.recheck();
    await settle();
    expect(view.connection).toBe('connected');
    expect(server.received).toMatchObject([{ msg: 'Hi' }]);
    expect(view.trouble).toBe('');
  });

  test('takes an answer to a poll for a sign that sending works again', async () => {
    const server = fakeServer();
    const { room } = openRoom(server);
    await settle();
    server.failSend = noAnswer();
    room.send('Hi');
    await settle();
    server.failSend = undefined;
    server.deliver('Hello');
    await settle();
    expect(server.received).toMatchObject([{ msg: 'Hi' }]);
  });

  test('does not send earlier than a 429 says, even when the connection is back', async () => {
    const server = fakeServer();
    const { room, view } = openRoom(server);
    server.failSend = failures.tooManyRequests(60_000);
    room.send('Hi');
    await settle();
    expect(view.trouble).toMatch(/has not read your last 200 messages/);
    server.failSend = undefined;
    room.recheck();
    await settle();
    expect(server.received).toEqual([]);
  });

  test('becomes ready when the talker joins', async () => {
    const server = fakeServer();
    server.status = 'draft';
    const { room, view } = openRoom(server, memoryStore(), 'draft');
    await settle();
    server.failSend = failures.notReady();
    room.send('waiting');
    await settle();
    server.failSend = undefined;
    expect([view.status, view.presence]).toEqual(['draft', 'invited']);
    server.status = 'ready';
    server.inbox.push({ _id: 'joined', msg: 'joined', system: true });
    server.deliver();
    await settle();
    expect([view.status, view.presence]).toEqual(['ready', 'here']);
    expect(server.received).toMatchObject([{ msg: 'waiting' }]);
  });

  test('marks a refused message and remembers it', async () => {
    const server = fakeServer();
    server.failSend = failures.badRequest('blank');
    const store = memoryStore();
    const { room, view } = openRoom(server, store);
    room.send('Hi');
    await settle();
    const label = 'not sent: the server refused it (blank)';
    expect([...view.deliveries.values()]).toEqual([label]);
    const reloaded = openRoom(server, store);
    expect([...reloaded.view.deliveries.values()]).toEqual([label]);
  });

  test('is forgotten when it is closed, after the last words were shown and acknowledged', async () => {
    const server = fakeServer();
    const store = memoryStore();
    const { room, view } = openRoom(server, store);
    await settle();
    await room.close();
    await settle();
    expect(view.lines).toEqual(['*** closed']);
    expect(server.inbox).toEqual([]);
    expect(view.end).toMatch(/closed/);
    expect(store.keys()).toEqual([]);
  });

  test('shows what there is when it was closed before this tab came in', async () => {
    const server = fakeServer();
    server.status = 'closed';
    server.deliver('too late');
    const { view } = openRoom(server, memoryStore(), 'closed');
    await settle();
    expect(view.status).toBe('closed');
    expect(view.lines).toEqual(['Talker: too late']);
    expect(server.inbox).toEqual([]);
    expect(view.end).toMatch(/closed/);
  });

  test('says of unsent messages that the chat is over', async () => {
    const server = fakeServer();
    server.failSend = noAnswer();
    const { room, view } = openRoom(server);
    room.send('Hi');
    await settle();
    await room.close();
    await settle();
    expect([...view.deliveries.values()]).toEqual(['not sent: the chat is over']);
  });

  test.each(['failReceive', 'failSend'] as const)('is forgotten after 401 to %s', async (part) => {
    const server = fakeServer();
    const store = memoryStore();
    server[part] = failures.unauthorized();
    const { room, view } = openRoom(server, store);
    room.send('Hi');
    await settle();
    expect(view.end).toBe('This chat has ended or was removed.');
    expect(store.keys()).toEqual([]);
  });

  test('changes nothing any more when the state of the chat is told after its end', async () => {
    const server = fakeServer();
    server.status = 'draft';
    const store = memoryStore();
    let tell = (): void => undefined;
    server.beforeState = new Promise((resolve) => {
      tell = resolve;
    });
    server.failReceive = failures.unauthorized();
    const { view } = openRoom(server, store, 'draft');
    await settle();
    expect(view.end).toBe('This chat has ended or was removed.');
    server.status = 'ready';
    tell();
    await settle();
    expect(view.status).toBe('closed');
    expect(store.keys()).toEqual([]);
  });

  test('stops when another tab has it, keeps what is unsent, and goes on when it is taken back', async () => {
    const server = fakeServer();
    const store = memoryStore();
    const { room, view, clock } = openRoom(server, store);
    await settle();
    server.failReceive = failures.superseded();
    server.failSend = noAnswer();
    room.send('Hi');
    room.recheck();
    await settle();
    expect(view.superseded).toBe(true);
    server.failReceive = undefined;
    server.failSend = undefined;
    await clock.advance(600_000);
    expect(server.received).toEqual([]);

    server.deliver('Hello');
    room.useHere(undefined);
    await settle();
    expect(view.superseded).toBe(false);
    expect(view.lines).toEqual([
      'You: Hi',
      'The tab that had the chat is gone: what was said there cannot be shown here.',
      'Talker: Hello (earlier)',
    ]);
    expect(server.received).toMatchObject([{ msg: 'Hi' }]);
  });

  test('knows after a reload, too, what was written while nobody was here', async () => {
    const server = fakeServer();
    const store = memoryStore();
    const start = Date.UTC(2026, 0, 1);
    openRoom(server, store, 'ready', new PageClock(start));
    await settle();
    server.deliver('soon after');
    const { view } = openRoom(server, store, 'ready', new PageClock(start + 30_000));
    await settle();
    expect(view.lines).toEqual(['Talker: soon after']);
    server.deliver('much later');
    const later = openRoom(server, store, 'ready', new PageClock(start + 10 * 60_000));
    await settle();
    expect(later.view.lines).toEqual(['Talker: soon after', 'Talker: much later (earlier)']);
  });

  test('goes on when a poll of its own that came late took the place of the newest', async () => {
    const server = fakeServer();
    server.isOpenElsewhere = false;
    const { room, view } = openRoom(server);
    await settle();
    server.failReceive = failures.superseded();
    room.recheck();
    for (let turns = 0; turns < 5; turns += 1) await Promise.resolve();
    server.failReceive = undefined;
    server.deliver('Hello');
    await settle();
    expect(view.superseded).toBe(false);
    expect(view.lines).toEqual(['Talker: Hello']);
  });

  test('says that a message is delivered when the server keeps it no longer, and not before', async () => {
    const server = fakeServer();
    server.waiting = 1;
    const { room, view, clock } = openRoom(server);
    await settle();
    room.send('Hi');
    await settle();
    expect([...view.deliveries.values()]).toEqual(['sent']);
    server.deliver('Hello');
    await settle();
    expect([...view.deliveries.values()]).toEqual(['sent']);
    server.waiting = 0;
    server.deliver('and again');
    await clock.advance(1_000);
    expect([...view.deliveries.values()]).toEqual(['delivered']);
  });

  test('does not take an answer for news of a message that was sent after the question', async () => {
    const server = fakeServer();
    const { room, view } = openRoom(server);
    await settle();
    room.send('Hi');
    await settle();
    // The poll that is held began before; its answer knows nothing of the message.
    server.deliver();
    await Promise.resolve();
    expect([...view.deliveries.values()]).toEqual(['sent']);
  });

  test('asks anew with what it sent, so that it hears of the delivery', async () => {
    const server = fakeServer();
    const { room, view, clock } = openRoom(server);
    await settle();
    room.send('Hi');
    await settle();
    await clock.advance(300);
    await settle();
    expect(server.asked.at(-1)?.waiting).toBe(1);
    expect([...view.deliveries.values()]).toEqual(['sent']);
  });
});
