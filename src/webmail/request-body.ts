/**
 * Bodies of JMAP requests, which are read whole.
 *
 * Invariants: those in memory have at most ALL bytes together, an account's OF_ACCOUNT; what says its length and has no room
 * is refused before it is read.
 */
import type { Context } from 'hono';
import type { AppEnv } from '#http/app.ts';
import { tooMuch } from './admission.ts';
import { RequestError } from './jmap/errors.ts';
import { LIMITS } from './jmap/limits.ts';

/** A request has some kB, a draft with a long text 100; the largest that are taken are of other clients. */
const OF_ACCOUNT = 2 * LIMITS.maxSizeRequest;
/** Parsed they take some times as much. */
const ALL = 100_000_000;

export type BodyRoom = {
  /** For one more body. */
  open(accountId: number): Room;
};

type Room = {
  /** @throws RequestError; CausewayError 'unavailable' where others take it */
  more(bytes: number): void;
  giveBack(): void;
};

export function createBodyRoom(): BodyRoom {
  const accounts = new Map<number, number>();
  let all = 0;

  function add(accountId: number, bytes: number): void {
    const now = (accounts.get(accountId) ?? 0) + bytes;
    all += bytes;
    if (now === 0) accounts.delete(accountId);
    else accounts.set(accountId, now);
  }

  return {
    open(accountId) {
      let taken = 0;
      return {
        more(bytes) {
          if (taken + bytes > LIMITS.maxSizeRequest) throw new RequestError('limit', `A request has at most ${LIMITS.maxSizeRequest} bytes.`, 'maxSizeRequest');
          if ((accounts.get(accountId) ?? 0) + bytes > OF_ACCOUNT) throw new RequestError('limit', 'Large requests go one after the other.', 'maxConcurrentRequests');
          if (all + bytes > ALL) throw tooMuch('the bodies of all requests take too much');
          taken += bytes;
          add(accountId, bytes);
        },
        giveBack() {
          add(accountId, -taken);
          taken = 0;
        },
      };
    },
  };
}

/** What the client says the body has; undefined where it does not say. */
export function announcedLength(c: Context<AppEnv>): number | undefined {
  const length = c.req.header('content-length');
  return length === undefined ? undefined : Number(length);
}

/** @throws as `more` */
export async function readBody(c: Context<AppEnv>, { more }: Room): Promise<Buffer> {
  const length = announcedLength(c);
  if (length !== undefined) {
    more(length);
    return Buffer.from(await c.req.arrayBuffer());
  }
  const pieces: Uint8Array[] = [];
  for await (const piece of c.req.raw.body ?? []) {
    more(piece.length);
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}
