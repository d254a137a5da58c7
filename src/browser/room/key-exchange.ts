import type { Channel } from '../../client/connection/channel.ts';
import type { Line } from '../../client/connection/line.ts';
import { isHandshakeLimit } from '../../client/connection/secure-line.ts';
import { KeysLost } from '../../client/keys/keeper.ts';
import { t } from '../../messages/translate.ts';
import type { ChatLife } from './life.ts';
import type { SecurityWatch } from './security.ts';

export interface KeyExchangeOptions {
  readonly line: Line;
  readonly life: Pick<ChatLife, 'isLive'>;
  readonly security: SecurityWatch;
  readonly channel: Pick<Channel, 'send'>;
  /** The keys are gone: the chat cannot go on. */
  readonly onLost: () => Promise<void>;
}

/** What a tab does for the keys of its chat; in a plain chat nothing. */
export interface KeyExchange {
  /** The talker is there: begins, or goes on where a reload interrupted it. */
  begin(): Promise<void>;
  /** Tries another exchange of keys. */
  exchangeAnew: () => Promise<void>;
  /** The person has compared the words, and they match. */
  setCompared: () => Promise<void>;
  /** Does work that needs the keys. What goes wrong with them ends the chat, or is said. */
  guard(work: () => Promise<void>): Promise<void>;
}

/** Creates the exchange of one chat. */
export function createKeyExchange(options: KeyExchangeOptions): KeyExchange {
  const { line, life, security, channel } = options;

  const guard: KeyExchange['guard'] = async (work) => {
    try {
      await work();
    } catch (thrown) {
      if (thrown instanceof KeysLost) await options.onLost();
      else security.warn(isHandshakeLimit(thrown) ? t('keys.limit') : t('keys.unusable'));
    }
  };

  return {
    begin: () =>
      guard(async () => {
        await line.begin();
        security.note([]);
        if (life.isLive()) channel.send();
      }),
    exchangeAnew: () =>
      guard(async () => {
        await line.exchangeAnew();
        security.dismiss();
        if (life.isLive()) channel.send();
      }),
    setCompared: () =>
      guard(async () => {
        await line.setCompared();
        security.note([]);
      }),
    guard,
  };
}
