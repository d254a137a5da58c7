import { Failure, NoInvitation, WrongKind } from '../client/index.ts';
import { refusals } from '../protocol.ts';
import { Interrupted, Mistake } from './arguments.ts';
import { EXIT } from './exit-codes.ts';

/** Why somebody was not let in, for people, and the exit code for scripts. */
export interface Refused {
  readonly message: string;
  readonly exitCode: number;
}

const notLetIn = (message: string): Refused => ({ message, exitCode: EXIT.notLetIn });
const unreachable = (message: string): Refused => ({ message, exitCode: EXIT.unreachable });

/** Reads what create or join rejected with. */
export function describeRefused(thrown: unknown): Refused {
  if (thrown instanceof WrongKind) {
    return notLetIn(
      'This server says that the chat is of another kind than its invitation: encrypted and not encrypted do not fit together. Nothing was sent, and the chat was closed.',
    );
  }
  if (thrown instanceof Failure) return describeFailure(thrown);
  if (thrown instanceof Interrupted) return { message: thrown.message, exitCode: EXIT.interrupted };
  if (thrown instanceof NoInvitation || thrown instanceof Mistake || thrown instanceof TypeError) {
    return { message: thrown.message, exitCode: EXIT.usage };
  }
  return { message: String(thrown), exitCode: EXIT.unexpected };
}

function describeFailure({ code, message, retryAfterMs }: Failure): Refused {
  switch (code) {
    case 0:
      return unreachable('The server does not answer. Check its address (--server) and try again.');
    case refusals.badRequest.code:
    case refusals.unauthorized.code:
    case refusals.notFound.code:
      return notLetIn(
        'No chat has this code on this server. It may be mistyped, from a chat of long ago, or of another server (--server).',
      );
    case refusals.invitationUsed.code:
      return notLetIn(
        message === refusals.invitationOver.msg
          ? 'This invitation is over: its chat was closed or has expired.'
          : 'This invitation has already been used.',
      );
    case refusals.tooManyRequests.code:
      return notLetIn(`Too many attempts. ${inSeconds(retryAfterMs)}`);
    default:
      return unreachable(`The server has a problem (${code}). ${inSeconds(retryAfterMs)}`);
  }
}

const inSeconds = (milliseconds = 0): string =>
  milliseconds > 0 ? `Try again in ${Math.ceil(milliseconds / 1_000)} s.` : 'Try again later.';
