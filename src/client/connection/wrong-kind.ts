/** The server says that the chat is of another kind than its invitation. Nothing goes on from there. */
export class WrongKind extends Error {
  constructor() {
    super('The chat is of another kind than its invitation');
    this.name = 'WrongKind';
  }
}
