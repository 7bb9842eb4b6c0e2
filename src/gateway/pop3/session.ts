/**
 * A signed-in POP3 client and its back-end connection, spliced: bytes pass both ways with back-pressure, and the session
 * can be frozen, cut and thawed as long as it has neither fetched nor marked a message.
 *
 * Invariants: QUIT of ours goes to a platform only where it can commit nothing: no message was read or marked. A client
 * that goes without QUIT deletes nothing (RFC 1939 section 6): the platform sees its end. Bytes that were read and not passed
 * on when the session ends are dropped, never executed. `closed` resolves after the back-end connection's `close`
 * event. Memory is bounded by the sockets' own buffers, the framers' limits and HELD_LIMIT.
 */
import { CausewayError } from '#errors/index.ts';
import { NEEDLESS } from '#events/clock.ts';
import type { Session, SessionOptions } from '../session.ts';
import { closedInTime, CUT_GRACE_MS, RECONNECT } from '../session-end.ts';
import { createClientFramer } from './client-framer.ts';
import { createServerFramer } from './server-framer.ts';

/** What a client may have sent ahead while its commands may not go on; more stays in its socket. A hundred commands. */
const HELD_LIMIT = 64 * 1024;
/** RFC 1939 section 3 asks for at least 10 minutes. */
const IDLE_MS = 15 * 60_000;
/** A client went with its QUIT under way: the platform may be deleting ten thousand messages. Holds wait for its end. */
const QUIT_MS = 10 * 60_000;
/** Nothing but reading was under way: a platform that does not take notice of our end is left. */
const LEAVE_MS = 5_000;
/** For the end of the platform's answer, so that our last line may follow. */
const ANSWER_END_MS = 1_000;
/** For a slow client to take the last bytes. It costs a socket, no more. */
const FLUSH_MS = 30_000;

const LOST = 'The connection to the mail store was lost. Please connect again.';

export function createPop3Session({ client, queue, platform, frozen, clock }: SessionOptions): Session {
  const backend = platform.socket;
  const commands = createClientFramer({ queue, pipelining: platform.capabilities.has('PIPELINING') });
  const answers = createServerFramer(commands);
  const { promise: closed, resolve: resolveClosed } = Promise.withResolvers<void>();
  let state: 'open' | 'closing' | 'closed' = 'open';
  let relaying = true; // to the client
  let farewell: string | undefined; // waits for the end of an answer, and ends the client's side
  let unread = false; // the client has not taken our last line
  let held = 0; // bytes pushed since the framer was last hungry
  let pumping = false;
  let whenQuiet: (() => void)[] = [];
  const platformClosed = new AbortController();
  const clientClosed = new AbortController();

  function after(ms: number, over: AbortController, act: () => void): void {
    clock.sleep(ms, over.signal).then(act, () => {});
  }

  // To the platform.

  function pump(): void {
    if (state !== 'open' || pumping) return;
    pumping = true;
    let failure: unknown;
    backend.cork();
    try {
      while (!backend.writableNeedDrain && !unread) {
        const step = commands.next();
        if (step === undefined) break;
        if (step.kind === 'forward') backend.write(step.bytes);
        else unread = !client.write(`${step.line}\r\n`);
      }
    } catch (error) {
      failure = error;
    }
    backend.uncork();
    pumping = false;
    if (failure !== undefined) return leave(failure instanceof CausewayError ? `Cannot go on: ${failure.message}.` : LOST);
    if (commands.hungry) held = 0;
    if (backend.writableNeedDrain || held >= HELD_LIMIT) client.pause();
    else client.resume();
    if (commands.quiet) settleQuiet();
  }

  function settleQuiet(): void {
    const waiting = whenQuiet;
    whenQuiet = [];
    for (const resolve of waiting) resolve();
  }

  // To the client.

  function sayFarewell(): void {
    if (!relaying || farewell === undefined || !answers.atBoundary) return;
    relaying = false;
    client.end(`-ERR [SYS/TEMP] ${farewell}\r\n`);
    backend.resume();
  }

  function fromPlatform(chunk: Buffer): void {
    if (state === 'closed') return;
    let out: Buffer[];
    try {
      out = answers.feed(chunk);
    } catch {
      // Nothing after this has a meaning, so nothing of it is passed on.
      if (state === 'open') leave(LOST);
      return stopRelaying();
    }
    if (relaying && client.writable) {
      client.cork();
      for (const bytes of out) client.write(bytes);
      client.uncork();
      if (client.writableNeedDrain) backend.pause();
    }
    sayFarewell();
    pump();
  }

  // The end.

  function leave(text: string | undefined, graceMs = commands.quitting ? QUIT_MS : LEAVE_MS): void {
    if (state !== 'open') return;
    state = 'closing';
    letClientGo(text);
    after(graceMs, platformClosed, () => backend.destroy());
    if (commands.mayQuit && backend.writable) backend.end('QUIT\r\n');
    else if (!commands.quitting) backend.end();
  }

  function letClientGo(text: string | undefined): void {
    client.resume(); // what it still sends is dropped, and its end is seen
    after(FLUSH_MS, clientClosed, () => client.destroy());
    if (text === undefined) return stopRelaying();
    farewell = text;
    sayFarewell();
    if (relaying) after(ANSWER_END_MS, platformClosed, stopRelaying);
  }

  function stopRelaying(): void {
    if (!relaying) return;
    relaying = false;
    client.end();
    backend.resume();
  }

  function platformGone(): void {
    if (state === 'open') {
      state = 'closing';
      letClientGo(commands.expected === undefined ? undefined : LOST);
    }
    stopRelaying();
    state = 'closed';
    platformClosed.abort(NEEDLESS);
    resolveClosed();
    settleQuiet();
  }

  const clientGone = (): void => leave(undefined);
  client.on('data', (chunk: Buffer) => {
    if (state !== 'open') return;
    held += chunk.length;
    queue.push(chunk);
    pump();
  });
  client.on('drain', () => {
    unread = false;
    backend.resume();
    pump();
  });
  client.on('end', clientGone);
  client.on('error', clientGone);
  client.on('close', () => {
    clientClosed.abort(NEEDLESS);
    clientGone();
  });
  client.setTimeout(IDLE_MS, () => leave('Nothing was heard for too long.'));
  backend.on('data', fromPlatform);
  backend.on('drain', pump);
  backend.on('error', () => {}); // `close` follows
  backend.on('end', () => backend.destroy()); // whatever we still wrote, nobody reads
  backend.on('close', platformGone);
  if (frozen) commands.freeze();
  if (backend.destroyed) platformGone();
  else if (platform.rest.length > 0) fromPlatform(platform.rest);
  backend.resume(); // it was handed over paused
  if (client.destroyed || client.readableEnded) clientGone();
  pump();

  return {
    freeze() {
      commands.freeze();
      if (state === 'closed' || (state === 'open' && commands.quiet)) return Promise.resolve();
      const { promise, resolve } = Promise.withResolvers<void>();
      whenQuiet.push(resolve);
      return promise;
    },
    thaw() {
      whenQuiet = [];
      commands.thaw();
      pump();
    },
    async cut() {
      if (state === 'open') {
        if (!commands.quiet) throw new CausewayError('conflict', 'a session was cut that is not quiet');
        leave(RECONNECT, CUT_GRACE_MS);
      } else if (!commands.quitting) {
        after(CUT_GRACE_MS, platformClosed, () => backend.destroy());
      }
      await closedInTime(closed, clock);
    },
    end(text) {
      leave(text);
    },
    closed,
  };
}
