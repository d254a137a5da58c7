import type { Status } from '../../protocol.ts';
import { saveStatus, type Session } from '../session/session.ts';
import type { TabStorage } from '../session/tab-storage.ts';

/** How far the chat has come, and what this tab is in it: live, superseded by another tab, or at its end. */
export interface ChatLife {
  status(): Status;
  /** Notes and keeps what the server says. Answers whether the chat has moved on by that. */
  advance(status: Status): boolean;
  isLive: () => boolean;
  isSuperseded(): boolean;
  isOver: () => boolean;
  /** Takes part, at first or again. */
  goOn(): void;
  /** Another tab takes part instead. */
  giveWay(): void;
  end(): void;
}

/** Creates the life of a chat as the tab knows it. */
export function createChatLife(storage: TabStorage, known: Session): ChatLife {
  let session = known;
  let phase: 'live' | 'superseded' | 'over' = 'live';
  return {
    status: () => session.status,
    advance(status) {
      // An older answer may arrive after a newer one; a chat only moves forward.
      if (status === session.status || status === 'draft' || session.status === 'closed') {
        return false;
      }
      session = saveStatus(storage, session, status);
      return true;
    },
    isLive: () => phase === 'live',
    isSuperseded: () => phase === 'superseded',
    isOver: () => phase === 'over',
    goOn() {
      phase = 'live';
    },
    giveWay() {
      phase = 'superseded';
    },
    end() {
      phase = 'over';
    },
  };
}
