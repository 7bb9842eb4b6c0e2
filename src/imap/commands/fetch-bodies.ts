/**
 * Messages' bytes, streamed.
 *
 * Invariants: a message of any size costs one chunk, since nothing is read while its consumer is slow; the next one's
 * consumer starts when the former's body is taken, and at most `pending` of them are unfinished. The body's bytes are
 * the message exactly, or its iteration throws. Nobody consumes a body by a command on the same connection: each would
 * wait for the other.
 */
import { CausewayError } from '#errors/index.ts';
import { contains, parseSequenceSet } from '#wire/imap/sequence-set.ts';
import type { Token } from '#wire/imap/tokens.ts';
import { type BodyChannel, createBody } from '../engine/body.ts';
import type { Engine } from '../engine/engine.ts';
import type { Untagged } from '../engine/in-flight.ts';
import { fetchItems, uidOf } from '../engine/fetch-response.ts';
import { uidSet } from './fetch-meta.ts';

export type FetchedBody = {
  readonly uid: number;
  /** Exact: the literal's own. */
  readonly size: number;
  /** A chunk is its consumer's until it asks for the next. */
  readonly body: AsyncIterable<Buffer>;
};

export type FetchBodiesOptions = {
  /** Consumers that may be unfinished after their bodies are taken: 32 appends in flight fill a link of 40 ms. */
  readonly pending?: number;
  /**
   * Messages of less than `below` bytes are given whole, in their turn, and not to `onBody`: of small ones most of the
   * cost is in the streaming. A promise holds the input until it settles. `memoryFor` gives memory of exactly that size
   * for one that comes; it is then what `take` gets, unless the message is not wanted after all.
   */
  readonly whole?: { readonly below: number; readonly memoryFor?: (size: number) => Buffer; take(uid: number, bytes: Buffer): void | Promise<void> };
  /** The server has the message but not its bytes (NIL). Absent: the call rejects with 'refused' at its end. */
  readonly onMissing?: (uid: number) => void;
};

/**
 * BODY.PEEK[] of each message. Messages that are gone are left out without a word; count them.
 * Rejects with the first thing that `onBody` throws (what the server still sends is let go by), or with 'refused' when
 * the server cannot give a message: then ask for the rest one by one.
 */
export async function fetchBodies(
  engine: Engine,
  uids: string,
  onBody: (message: FetchedBody) => Promise<void>,
  { pending = 32, whole, onMissing }: FetchBodiesOptions = {},
): Promise<void> {
  const asked = parseSequenceSet(uidSet(uids));
  const [first] = asked;
  const onlyUid = asked.length === 1 && first !== undefined && first[0] === first[1] ? first[0] : undefined;
  const running = new Set<Promise<void>>();
  let consumers = 0; // also one that is about to be in `running`: starting it may bring in the next message
  const given = new Set<number>(); // a server that repeats itself must not double a message
  const broken = Promise.withResolvers<never>();
  broken.promise.catch(() => {});
  let thrown: { readonly error: unknown } | undefined;
  let missing: number | undefined;
  let open: (BodyChannel & { uid: number }) | undefined;
  let onRoom: (() => void) | undefined;

  const isOpenEnded = asked.some((range) => range.includes(Infinity));
  // `7:*` also asks for the last message when its UID is below 7.
  const isAsked = (uid: number | undefined): boolean =>
    uid !== undefined && (contains(asked, uid, Infinity) || isOpenEnded);

  function stop(error: unknown): void {
    thrown ??= { error };
    broken.reject(error);
  }

  /** Calls `onBody` now, or when one that runs has ended. */
  function start(message: FetchedBody, discard: () => void): void {
    if (thrown !== undefined) return discard();
    if (consumers >= Math.max(1, pending)) {
      onRoom = () => start(message, discard);
      return;
    }
    consumers += 1;
    const consumer = consume(message)
      .catch(stop)
      .finally(() => {
        running.delete(consumer);
        consumers -= 1;
        discard();
        const next = onRoom;
        onRoom = undefined;
        next?.();
      });
    running.add(consumer);
  }

  async function consume(message: FetchedBody): Promise<void> {
    await onBody(message);
  }

  function hand(uid: number, bytes: Buffer, take: (uid: number, bytes: Buffer) => void | Promise<void>): Promise<void> | undefined {
    try {
      return take(uid, bytes)?.catch(stop);
    } catch (error) {
      stop(error);
      return undefined;
    }
  }

  /** A body that did not come as a literal that could be streamed: it is in memory already. */
  function accept(uid: number, token: Token): Promise<void> | undefined {
    if (token.kind === 'string') return acceptBytes(uid, token.bytes);
    if (given.has(uid)) return undefined;
    given.add(uid);
    if (token.kind === 'list') throw new CausewayError('protocol', 'a body that is a list');
    missing ??= uid;
    onMissing?.(uid);
    return undefined;
  }

  function acceptBytes(uid: number, bytes: Buffer): Promise<void> | undefined {
    if (given.has(uid)) return undefined;
    given.add(uid);
    if (whole !== undefined && bytes.length < whole.below) return thrown === undefined ? hand(uid, bytes, whole.take) : undefined;
    const { promise, resolve } = Promise.withResolvers<void>();
    const body = (async function* () {
      resolve();
      if (bytes.length > 0) yield bytes;
    })();
    start({ uid, size: bytes.length, body }, resolve);
    return promise;
  }

  function onData(response: Untagged): Promise<void> | undefined {
    const items = fetchItems(response);
    const body = items?.get('BODY[]');
    const uid = uidOf(items) ?? onlyUid;
    const streamed = open;
    open = undefined;
    if (streamed !== undefined) {
      if (uid !== streamed.uid) throw new CausewayError('protocol', 'a message with two UIDs');
      return undefined;
    }
    return body === undefined || uid === undefined ? undefined : accept(uid, body);
  }

  const done = engine.command({
    name: 'UID FETCH',
    parts: [`UID FETCH ${uids} (UID BODY.PEEK[])`],
    wants(response) {
      const items = fetchItems(response);
      return items?.has('BODY[]') === true && isAsked(uidOf(items) ?? onlyUid);
    },
    onData,
    onBody: (uid, bytes) => isAsked(uid) && (acceptBytes(uid, bytes) ?? true),
    ...(whole === undefined ? {} : { streamFrom: whole.below }),
    ...(whole?.memoryFor === undefined ? {} : { memoryFor: whole.memoryFor }),
    openBody(known, size) {
      if (open !== undefined) throw new CausewayError('protocol', 'a response with two bodies');
      const uid = known ?? onlyUid;
      // Without a UID before the body nobody knows yet whose bytes these are: they are kept, and given to `accept`.
      if (uid === undefined || !isAsked(uid)) return undefined;
      const channel = createBody(engine.release);
      open = { ...channel, uid };
      if (given.has(uid)) channel.discard();
      else start({ uid, size, body: channel.body }, channel.discard);
      given.add(uid);
      return channel.sink;
    },
  });
  done.catch((error: unknown) => open?.fail(asFailure(error)));

  try {
    await Promise.race([done, broken.promise]);
  } finally {
    while (running.size > 0) await Promise.all(running);
  }
  if (thrown !== undefined) throw thrown.error;
  if (missing !== undefined && onMissing === undefined) {
    throw new CausewayError('refused', `the server has no bytes for UID ${missing}`, { place: engine.place });
  }
}

function asFailure(error: unknown): CausewayError {
  return error instanceof CausewayError ? error : new CausewayError('internal', 'a fetch failed', { cause: error });
}
