import { refusals } from '../protocol.ts';
import type { Membership } from './api/answers.ts';
import { toFailure } from './api/no-answer.ts';
import { admit, kindOf, newChat, newJoin, type Attempt } from './connection/admission.ts';
import type { Line } from './connection/line.ts';
import { openLine, partsOf, type Parts, type SfChatOptions } from './opening.ts';
import { NoInvitation, readInvitation } from './server-address.ts';

export interface CreateOptions extends SfChatOptions {
  /** Without encryption, for talkers whose client knows none: the server can read everything. */
  readonly plain?: boolean;
}

/** The place of somebody who was let in. */
export interface Seat {
  readonly parts: Parts;
  readonly attempt: Attempt;
  readonly membership: Membership;
  readonly line: Line;
}

/** The creator's, in a new chat. Rejects as `SfChat.create` says. */
export async function createSeat(options: CreateOptions): Promise<Seat> {
  const parts = partsOf(options, undefined);
  const kind = options.plain === true ? 'plain' : 'encrypted';
  try {
    return await takeSeat(parts, await newChat(kind));
  } catch (thrown) {
    if (toFailure(thrown).code !== refusals.conflict.code) throw thrown;
    return takeSeat(parts, await newChat(kind));
  }
}

/** The joiner's, by a code or a link. Rejects as `SfChat.join` says. */
export async function joinSeat(invitation: string, options: SfChatOptions): Promise<Seat> {
  const found = readInvitation(invitation);
  if (!found) throw new NoInvitation();
  return takeSeat(partsOf(options, found.server), await newJoin(found.invitation));
}

async function takeSeat(parts: Parts, attempt: Attempt): Promise<Seat> {
  const membership = await admit(parts, attempt);
  return { parts, attempt, membership, line: await openLine(attempt, kindOf(attempt.code)) };
}
