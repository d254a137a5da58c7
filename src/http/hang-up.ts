import type { Duplex } from 'node:stream';

/**
 * Milliseconds that whoever is refused has for reading why and hanging up. A client may keep its own side of the
 * connection open for ever, and with it the server's.
 */
const LAST_WORDS_MS = 2000;

/**
 * Closes a connection whatever its client does.
 *
 * @param words the last that it hears
 */
export function hangUp(socket: Duplex, words = ''): void {
  socket.end(words);
  const timer = setTimeout(() => socket.destroy(), LAST_WORDS_MS).unref();
  socket.once('close', () => {
    clearTimeout(timer);
  });
}
