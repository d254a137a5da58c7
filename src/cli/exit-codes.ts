/** With what the command line ends (docs/client.md, "Exit codes"). */
export const EXIT = {
  /** The chat ended as it should: everything was delivered. */
  ok: 0,
  /** Something that should not happen. */
  unexpected: 1,
  /** The arguments, or what was given as an invitation, make no sense. */
  usage: 2,
  /** The server refused: no such chat, used, over, or of another kind. */
  notLetIn: 3,
  /** The server gave no answer. */
  unreachable: 4,
  /** The chat ended before everything had arrived. */
  undelivered: 5,
  /** No keys could be agreed on. */
  noKeys: 6,
  interrupted: 130,
  terminated: 143,
} as const;
