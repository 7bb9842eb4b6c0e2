/**
 * Signs out where the work is done, without a round trip that nobody needs: the next account is begun meanwhile.
 *
 * Invariants: all commands before LOGOUT are answered, and it is written when `part` resolves, while the claim still lets us
 * write. Sessions that are being ended are bounded over all moves of this process: whoever would have more waits.
 */
import type { ImapConnection } from '#imap/connection.ts';

/** Two rounds' of as many moves as a worker has at once; a server that does not close has each for five seconds. */
const MOST = 16;

const ending = new Set<Promise<void>>();

export async function part(connections: readonly Pick<ImapConnection, 'logout'>[]): Promise<void> {
  for (const connection of connections) {
    const ended = connection.logout().finally(() => ending.delete(ended));
    ending.add(ended);
  }
  // It is written within this turn.
  await new Promise(setImmediate);
  while (ending.size > MOST) await Promise.race(ending);
}
