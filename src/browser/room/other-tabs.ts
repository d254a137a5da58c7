import type { Channel } from '../../client/connection/channel.ts';
import type { Line } from '../../client/connection/line.ts';
import type { Conversation } from '../session/conversation.ts';
import type { ChatView } from './chat-view.ts';
import type { KeyExchange } from './key-exchange.ts';
import type { ChatLife } from './life.ts';
import { otherTabGone } from './notices.ts';
import type { OwnDeliveries } from './own-deliveries.ts';
import type { Sending } from './sending.ts';

export interface OtherTabsOptions {
  readonly life: ChatLife;
  readonly line: Pick<Line, 'refresh'>;
  readonly conversation: Conversation;
  readonly deliveries: Pick<OwnDeliveries, 'restore'>;
  readonly sending: Pick<Sending, 'takeOver'>;
  readonly keys: Pick<KeyExchange, 'guard'>;
  readonly channel: Pick<Channel, 'receive'>;
  readonly view: Pick<ChatView, 'add' | 'restore' | 'showSuperseded' | 'hideSuperseded'>;
  /** Whether another tab has the chat open. */
  readonly isOpenElsewhere: () => Promise<boolean>;
  /** Leaves the server alone until `goOn`. */
  readonly stop: () => void;
  readonly goOn: () => void;
}

/** The chat goes from tab to tab of this browser; one of them has it at a time. */
export interface OtherTabs {
  /** The server says that somebody else polls. */
  superseded(): Promise<void>;
  /** Another tab goes on: stops here and answers what was said; undefined when there is nothing to hand over. */
  handOver: () => string | undefined;
  /** Takes over what was said in another tab. */
  adopt: (history: string) => void;
  /** Takes the chat over from another tab; with what was said there, if that tab still lives. */
  useHere: (history: string | undefined) => void;
}

/** Creates the way of one chat from tab to tab. */
export function createOtherTabs(options: OtherTabsOptions): OtherTabs {
  const { life, line, conversation, view } = options;
  // Once, by who had it last: what this tab knows after that is old.
  let mayHandOver = false;

  const giveWay = (): void => {
    life.giveWay();
    mayHandOver = true;
    options.stop();
    view.showSuperseded();
  };

  const adopt = (history: string): void => {
    conversation.merge(history);
    options.sending.takeOver();
    view.restore(conversation.entries());
    options.deliveries.restore();
  };

  return {
    async superseded() {
      // A poll that this tab gave up may reach the server after the next one: then nobody has taken the chat.
      const isTaken = await options.isOpenElsewhere().catch(() => true);
      if (!life.isLive()) return;
      if (isTaken) giveWay();
      else options.channel.receive();
    },
    handOver() {
      if (life.isLive()) giveWay();
      if (!life.isSuperseded() || !mayHandOver) return undefined;
      mayHandOver = false;
      return conversation.toText();
    },
    adopt,
    useHere(history) {
      if (!life.isSuperseded()) return;
      mayHandOver = false;
      view.hideSuperseded();
      void options.keys.guard(async () => {
        await line.refresh();
        if (history === undefined) view.add(conversation.addIncoming([otherTabGone()]));
        else adopt(history);
        options.goOn();
      });
    },
  };
}
