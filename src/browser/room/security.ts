import type { SecureEvent, WordNumbers } from '../../crypto/index.ts';
import { asList, asText, parseJson } from '../../client/api/json.ts';
import { WARNINGS_KEY } from '../session/session.ts';
import type { TabStorage } from '../session/tab-storage.ts';
import type { Line, Secrecy } from '../../client/connection/line.ts';
import { warningOf } from './secure-words.ts';

/** The one thing that the header of a chat says, and what belongs to it. */
export interface Security {
  /** `awaited`: there is nobody yet to exchange keys with. */
  readonly kind: 'plain' | 'awaited' | 'exchanging' | 'encrypted' | 'compared' | 'warning';
  /** The words of the keys in use. */
  readonly words: WordNumbers | undefined;
  readonly compared: boolean;
  /** What the person has not said to have read, oldest first. */
  readonly warnings: readonly string[];
  /** There are no keys; `canRetry`: another exchange may be tried. */
  readonly failed: boolean;
  readonly canRetry: boolean;
}

/** Whether texts can be sent. */
export const isOpen = ({ kind, words }: Security): boolean =>
  kind === 'plain' || words !== undefined;

/** What is to be said about the encryption, kept across reloads. */
export interface SecurityWatch {
  now(): Security;
  note(events: readonly SecureEvent[]): void;
  warn(text: string): void;
  /** The person has read the warnings. */
  dismiss: () => void;
}

export interface SecurityWatchOptions {
  readonly storage: TabStorage;
  readonly line: Line;
  /** Whether the talker has not joined yet. */
  readonly isAlone: () => boolean;
  readonly onChange: (security: Security) => void;
}

/** Watches a line. */
export function createSecurityWatch(options: SecurityWatchOptions): SecurityWatch {
  const { storage, line, onChange } = options;
  let warnings = asList(parseJson(storage.get(WARNINGS_KEY))).map(asText);

  const now = (): Security => {
    const secrecy = line.secrecy();
    const { words, compared } =
      secrecy.kind === 'encrypted' ? secrecy : { words: undefined, compared: false };
    const failed = secrecy.kind === 'failed';
    return {
      kind: warnings.length > 0 || failed ? 'warning' : calm(secrecy, options.isAlone()),
      words,
      compared,
      warnings,
      failed,
      canRetry: failed && secrecy.canRetry,
    };
  };

  const setWarnings = (changed: string[]): void => {
    warnings = changed;
    storage.set(WARNINGS_KEY, JSON.stringify(warnings));
    onChange(now());
  };

  return {
    now,
    note(events) {
      const added = events.flatMap((event) => warningOf(event) ?? []);
      // A handshake that is complete is the answer to the ones that failed.
      if (added.length > 0) setWarnings([...new Set([...warnings, ...added])]);
      else onChange(now());
    },
    warn(text) {
      setWarnings([...new Set([...warnings, text])]);
    },
    dismiss() {
      setWarnings([]);
    },
  };
}

function calm(secrecy: Exclude<Secrecy, { kind: 'failed' }>, isAlone: boolean): Security['kind'] {
  switch (secrecy.kind) {
    case 'plain':
      return 'plain';
    case 'exchanging':
      return isAlone ? 'awaited' : 'exchanging';
    case 'encrypted':
      return secrecy.compared ? 'compared' : 'encrypted';
  }
}
