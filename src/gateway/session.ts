/**
 * A signed-in client and its back-end connection, spliced: bytes pass both ways with back-pressure, and the session
 * can be frozen, cut and thawed at a point where no command of the client is under way.
 *
 * Invariants: bytes that were read and not passed on when the session ends are dropped, never executed. Nothing of ours
 * is written to the platform inside a command, nor to the client inside a line. `closed` resolves after the back-end
 * connection's `close` event, since a hold relies on it that no command can reach the platform any more. Memory is
 * bounded by the sockets' own buffers, the framers' limits and HELD_LIMIT.
 */
import type { Socket } from 'node:net';
import { CausewayError } from '#errors/index.ts';
import { type Clock, NEEDLESS } from '#events/clock.ts';
import type { ByteQueue } from '#wire/byte-queue.ts';
import type { Platform } from './backend.ts';
import { longestOpenLiteral } from './capability.ts';
import { createClientFramer, type Step } from './client-framer.ts';
import { createServerFramer } from './server-framer.ts';
import { closedInTime, CUT_GRACE_MS, RECONNECT } from './session-end.ts';

export type Session = {
  /** Lets no new command begin. Resolves when nothing of the client is under way at the platform. */
  freeze(): Promise<void>;
  /** Goes on; nobody noticed. */
  thaw(): void;
  /**
   * Ends a frozen and quiet session: BYE to the client, LOGOUT to the platform.
   * @throws CausewayError `conflict` when it is not quiet; `unavailable` when it cannot be known to have ended
   */
  cut(): Promise<void>;
  /** Ends the session now, telling the client `text`. A command that runs may still finish at the platform. */
  end(text: string): void;
  /** Resolves when the back-end connection has really ended. */
  readonly closed: Promise<void>;
};

/** What a client may have sent ahead while its commands may not go on; more stays in its socket. One full line. */
const HELD_LIMIT = 64 * 1024;
/** RFC 9051 section 5.4 asks for at least 30 minutes; clients renew IDLE after 29. */
const IDLE_MS = 35 * 60_000;
/**
 * A client went and left a command running: holds of the account wait for its end. A large COPY takes minutes; a
 * platform that says nothing for this long is dead, and its connection is taken down.
 */
const LEAVE_MS = 10 * 60_000;
/** For the end of the platform's line, so that a BYE may follow. */
const LINE_END_MS = 1_000;
/** For a slow client to take the last bytes. It costs a socket, no more. */
const FLUSH_MS = 30_000;

const LOGOUT_TAG = 'BYE1';
const LOST = '[UNAVAILABLE] The connection to the mail store was lost. Please connect again.';

export type SessionOptions = {
  readonly client: Socket;
  /** What the client sent behind its sign-in. */
  readonly queue: ByteQueue;
  readonly platform: Platform;
  /** Whether it begins frozen: the account is held since before the back end was up. */
  readonly frozen: boolean;
  readonly clock: Clock;
};

export function createSession({ client, queue, platform, frozen, clock }: SessionOptions): Session {
  const backend = platform.socket;
  const commands = createClientFramer({ queue, openLiteral: longestOpenLiteral(platform.capabilities) });
  const answers = createServerFramer({ continued: () => commands.continued(), tagged, bye: () => void (saidBye = true) });
  const { promise: closed, resolve: resolveClosed } = Promise.withResolvers<void>();
  let state: 'open' | 'closing' | 'closed' = 'open';
  let leaving: 'idle' | 'logout' | undefined; // what the platform was told when closing
  let leftQuiet = false;
  let saidBye = false;
  let desynchronised = false;
  let relaying = true; // to the client
  let ownLine: string | undefined; // waits for a line boundary
  let farewell: string | undefined; // likewise, and ends the client's side
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
      for (let step = nextStep(); step !== undefined; step = nextStep()) {
        if (step.kind === 'forward') backend.write(step.bytes);
        else say(step.line);
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

  /** Undefined when one side must take something first. */
  function nextStep(): Step | undefined {
    return backend.writableNeedDrain || ownLine !== undefined || unread ? undefined : commands.next();
  }

  function settleQuiet(): void {
    const waiting = whenQuiet;
    whenQuiet = [];
    for (const resolve of waiting) resolve();
  }

  function tagged(tag: string): void {
    if (leaving === 'logout' && tag === LOGOUT_TAG) backend.end();
    else if (!commands.tagged(tag)) desynchronised = true;
    if (leaving === 'idle' && commands.outstanding === 0) logout();
  }

  function logout(): void {
    leaving = 'logout';
    backend.write(`${LOGOUT_TAG} LOGOUT\r\n`);
  }

  // To the client.

  function say(line: string): void {
    ownLine = line;
    sayAtBoundary();
  }

  function sayAtBoundary(): void {
    if (!relaying || !answers.atBoundary) return;
    if (ownLine !== undefined) {
      unread = !client.write(`${ownLine}\r\n`);
      ownLine = undefined;
    }
    if (farewell !== undefined) {
      relaying = false;
      client.end(`* BYE ${farewell}\r\n`);
      backend.resume();
    }
  }

  function fromPlatform(chunk: Buffer): void {
    let out: Buffer[];
    try {
      out = answers.feed(chunk);
    } catch {
      return leave(LOST);
    }
    if (relaying && client.writable) {
      client.cork();
      for (const bytes of out) client.write(bytes);
      client.uncork();
      if (client.writableNeedDrain) backend.pause();
    }
    sayAtBoundary();
    // The platform answered a command that we did not pass on: framer and platform no longer agree.
    if (desynchronised) return leave(LOST);
    pump();
  }

  // The end.

  function leave(text: string | undefined, graceMs = LEAVE_MS): void {
    if (state !== 'open') return;
    leftQuiet = commands.quiet;
    state = 'closing';
    letClientGo(text);
    after(graceMs, platformClosed, () => backend.destroy());
    if (commands.midCommand || !backend.writable) {
      backend.end(); // what is not whole is not executed
    } else if (commands.idling) {
      commands.leaveIdle();
      leaving = 'idle';
      backend.write('DONE\r\n');
    } else {
      logout();
    }
  }

  function letClientGo(text: string | undefined): void {
    client.resume(); // what it still sends is dropped, and its end is seen
    after(FLUSH_MS, clientClosed, () => client.destroy());
    if (text === undefined) {
      stopRelaying();
      return;
    }
    farewell = text;
    sayAtBoundary();
    if (relaying) after(LINE_END_MS, platformClosed, stopRelaying);
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
      letClientGo(saidBye ? undefined : LOST);
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
      } else if (leftQuiet) {
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
