/**
 * Messages that are asked for before it is known who takes them.
 *
 * Invariants: until then nothing behind the first of them is read from the connection, so they wait in its buffers and not
 * in our memory; each is given to one taker, or dropped.
 */
import type { FetchedBody } from '#imap/commands/fetch-bodies.ts';
import type { ImapConnection } from '#imap/connection.ts';
import { WHOLE } from '../lists/listing.ts';
import { messageSlabs } from './slabs.ts';

/** As `fetchBodies` calls it. */
export type Taker = {
  stream(message: FetchedBody): Promise<void>;
  /** In memory of `messageSlabs`. */
  whole(uid: number, bytes: Buffer): void | Promise<void>;
};

export type HeldBodies = {
  /** Called once. Resolves, or rejects, as `fetchBodies` does. */
  giveTo(taker: Taker): Promise<void>;
};

/** FETCH, whose messages go to the taker as they come. */
export function fetchTo(source: ImapConnection, uids: string, { stream, whole }: Taker): Promise<void> {
  return source.fetchBodies(uids, stream, { whole: { below: WHOLE, memoryFor: messageSlabs.memoryFor, take: whole } });
}

export function holdBodies(source: ImapConnection, uids: string): HeldBodies {
  const chosen = Promise.withResolvers<Taker>();
  let taker: Taker | undefined;
  const done = fetchTo(source, uids, {
    stream: async (message) => (taker ?? (await chosen.promise)).stream(message),
    whole: (uid, bytes) => (taker === undefined ? chosen.promise.then((later) => later.whole(uid, bytes)) : taker.whole(uid, bytes)),
  });
  // It is heard where they are given to somebody.
  done.catch(() => {});
  return {
    giveTo(given) {
      taker = given;
      chosen.resolve(given);
      return done;
    },
  };
}

/** Lets them go by. */
export const DROP: Taker = {
  async stream({ body }) {
    for await (const chunk of body) void chunk;
  },
  whole: (_uid, bytes) => messageSlabs.keep(bytes).free(),
};
