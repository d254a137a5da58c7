import { asObject, asText } from '../../client/api/json.ts';
import { newToken } from '../../client/api/token.ts';

/** What a tab that had the chat hands to the one that goes on with it, as one sealed text. */
export interface ChatTabsOptions {
  /** Names the chat among the tabs of this browser. */
  readonly name: string;
  /** Another tab goes on: stop, and answer what was said here; undefined when this tab does not have the chat. */
  readonly onTaken: () => Promise<string> | undefined;
  readonly channel?: Pick<BroadcastChannel, 'postMessage' | 'onmessage' | 'close'>;
}

/** The tabs of one browser that have the same chat. */
export interface ChatTabs {
  /** Takes the chat. Resolves with what the tab that had it says; undefined when none answers. */
  take(): Promise<string | undefined>;
  close(): void;
}

// A tab that lives answers in milliseconds; one that is asleep never does.
const ANSWER_WITHIN_MS = 700;

/** Joins the tabs of a chat. */
export function joinChatTabs(options: ChatTabsOptions): ChatTabs {
  const channel = options.channel ?? new BroadcastChannel(`sfchat.${options.name}`);
  let waiting: { readonly id: string; readonly done: (text: string) => void } | undefined;

  const give = async (to: string): Promise<void> => {
    const given = options.onTaken();
    if (given) channel.postMessage({ kind: 'given', id: to, text: await given });
  };

  channel.onmessage = ({ data }: MessageEvent<unknown>) => {
    const { kind, id, text } = asObject(data);
    // Of two that take it in the same moment the one whose question comes last goes on.
    if (kind === 'take' && typeof id === 'string') void give(id).catch(() => undefined);
    else if (kind === 'given' && id === waiting?.id) waiting?.done(asText(text));
  };

  return {
    take: () =>
      new Promise((resolve) => {
        const id = newToken();
        const finish = (text?: string): void => {
          clearTimeout(timer);
          waiting = undefined;
          resolve(text);
        };
        const timer = setTimeout(finish, ANSWER_WITHIN_MS);
        waiting = { id, done: finish };
        channel.postMessage({ kind: 'take', id });
      }),
    close: () => {
      channel.close();
    },
  };
}
