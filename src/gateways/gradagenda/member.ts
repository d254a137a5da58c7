import type { Participant } from '../../chat/chat.ts';
import type { Delivery } from '../../chat/delivery.ts';
import type { GatewayContext } from '../gateway.ts';
import type { MessageIds } from '../participants.ts';
import type { Ending, LiveReceiver } from '../receivers.ts';
import { toActions } from './broadcasts.ts';
import type { ClientAction } from './client-actions.ts';
import type { Heartbeat } from './heartbeat.ts';
import { createRequests, type Requests } from './requests.ts';
import type { ServerAction } from './server-actions.ts';
import { mutableSession, type Session } from './sessions.ts';
import type { Wire } from './wire.ts';

export interface MemberOptions {
  readonly gateway: GatewayContext;
  readonly wire: Wire;
  readonly heartbeat: Pick<Heartbeat, 'prove'>;
  readonly participant: Participant;
  readonly messageIds: MessageIds;
  /** Whether the chat has two participants already. */
  readonly isPaired: boolean;
  /** The participant receives no more on this connection. */
  readonly onEnded: (ending: Ending) => void;
}

/** Somebody who has authenticated: what they ask for, and what comes for them. */
export class Member {
  readonly #context: MemberOptions;
  readonly #requests: Requests;
  readonly #live: LiveReceiver;
  #session: Session;
  #knowsOfEnd = false;

  /** @throws {Failure} 429 when the participant is connected too often, 503 when the server stops */
  constructor(context: MemberOptions) {
    const { gateway, participant, isPaired } = context;
    this.#context = context;
    this.#session = { chatToken: participant.chatToken, isPaired };
    this.#requests = createRequests(gateway, { ...context, session: () => this.#session });
    this.#live = gateway.receivers.open(participant, {
      deliver: (delivery) => {
        this.#deliver(delivery);
      },
      // Of the talker's presence and typing this protocol has nothing.
      knows: () => ({}),
      ended: context.onEnded,
    });
  }

  /** Carries out an action; gives its answer. */
  async answer(action: ClientAction): Promise<ServerAction> {
    const answer = await this.#requests(action);
    if (answer.type === 'providing-session-info' && answer.status === 'deleted')
      this.#knowsOfEnd = true;
    return answer;
  }

  /** What has been delivered until a mark is proven to be there. */
  arrived(mark: number): void {
    void this.#live.arrived(mark);
  }

  /** Says that the chat is over, unless that was the answer to a request. */
  sayEnd(): void {
    if (!this.#knowsOfEnd) this.#context.wire.say(mutableSession(this.#session, 'deleted'));
  }

  /** Receives no more. */
  end(): void {
    this.#live.end();
  }

  #deliver({ status, messages }: Delivery): void {
    const { wire, heartbeat, participant } = this.#context;
    // A chat that is closed may have become ready shortly before.
    const hasTwo = status === 'ready' || messages.some(({ event }) => event === 'joined');
    this.#session = { ...this.#session, isPaired: this.#session.isPaired || hasTwo };
    wire.say(...toActions(participant, this.#session, messages));
    if (messages.length > 0) heartbeat.prove(this.#live.mark());
  }
}
