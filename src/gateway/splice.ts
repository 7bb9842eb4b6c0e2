/**
 * A signed-in client and its back-end connection, spliced, for every protocol: bytes pass both ways with back-pressure,
 * and the session can be frozen, cut and thawed at a point where nothing of the client is under way. What is a protocol's
 * own is its `Speech` (`speech.ts`).
 *
 * Invariants: bytes that were read and not passed on when the session ends are dropped, never executed. Nothing of ours
 * is written to the platform inside a command, nor to the client inside a line. `closed` resolves after the back-end
 * connection's `close` event, since a hold relies on it that no command can reach the platform any more. Memory is
 * bounded by the sockets' own buffers, the framers' limits and HELD_LIMIT.
 */
import type { Socket } from 'node:net';
import { CausewayError } from '#errors/index.ts';
import type { Clock } from '#events/clock.ts';
import type { ByteQueue } from '#wire/byte-queue.ts';
import type { Platform } from './backend.ts';
import { closedInTime, CUT_GRACE_MS, RECONNECT } from './session-end.ts';
import type { Speak, Step } from './speech.ts';

export type Session = {
  /** Lets no new command begin. Resolves when nothing of the client is under way at the platform. */
  freeze(): Promise<void>;
  /** Goes on; nobody noticed. */
  thaw(): void;
  /**
   * Ends a frozen and quiet session: a last line to the client, the protocol's way out to the platform.
   * @throws CausewayError `conflict` when it is not quiet; `unavailable` when it cannot be known to have ended
   */
  cut(): Promise<void>;
  /** Ends the session now, telling the client `text`. A command that runs may still finish at the platform. */
  end(text: string): void;
  /** Ends the session now, and its connection to a platform that was given up, without a word to it. */
  abandon(): void;
  /** Resolves when the back-end connection has really ended. */
  readonly closed: Promise<void>;
};

export type SessionOptions = {
  readonly client: Socket;
  /** What the client sent behind its sign-in. */
  readonly queue: ByteQueue;
  readonly platform: Platform;
  /** Whether it begins frozen: the account is held since before the back end was up. */
  readonly frozen: boolean;
  readonly clock: Clock;
};

/** What a client may have sent ahead while its commands may not go on; more stays in its socket. One full line. */
const HELD_LIMIT = 64 * 1024;
/**
 * What the client may not have taken yet while the platform is still read. A read is 64 KB, and so much makes a socket ask
 * for a pause, so that with each read the platform would be stopped and started again: a tenth of the CPU of a download.
 */
const AHEAD_LIMIT = 128 * 1024;
/** For the end of the platform's line or answer, so that our last line may follow. */
const BOUNDARY_MS = 1_000;
/** For a slow client to take the last bytes. It costs a socket, no more. */
const FLUSH_MS = 30_000;

export function splice(speak: Speak, { client, queue, platform, frozen, clock }: SessionOptions): Session {
  const backend = platform.socket;
  const speech = speak(queue, platform);
  const { commands, answers } = speech;
  const { promise: closed, resolve: resolveClosed } = Promise.withResolvers<void>();
  let state: 'open' | 'closing' | 'closed' = 'open';
  let leftQuiet = false;
  let relaying = true; // to the client
  let ownLine: string | undefined; // waits for a boundary
  let farewell: string | undefined; // likewise, and ends the client's side
  let unread = false; // the client has not taken our last line
  let held = 0; // bytes pushed since the framer was last hungry
  let pumping = false;
  let whenQuiet: (() => void)[] = [];
  /** To be called once the platform, or the client, has closed: nobody waits for it any more. */
  let platformWaits: (() => void)[] = [];
  let clientWait: (() => void) | undefined;

  function giveUpPlatformIn(ms: number): void {
    if (state !== 'closed') platformWaits.push(clock.after(ms, () => backend.destroy()));
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
    if (failure !== undefined) return leave(failure instanceof CausewayError ? `Cannot go on: ${failure.message}.` : speech.lost);
    if (commands.hungry()) held = 0;
    if (backend.writableNeedDrain || held >= HELD_LIMIT) client.pause();
    else client.resume();
    if (commands.quiet()) settleQuiet();
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

  // To the client.

  function say(line: string): void {
    ownLine = line;
    sayAtBoundary();
  }

  function sayAtBoundary(): void {
    if (!relaying || !answers.atBoundary()) return;
    if (ownLine !== undefined) {
      unread = !client.write(`${ownLine}\r\n`);
      ownLine = undefined;
    }
    if (farewell !== undefined) {
      relaying = false;
      client.end(`${speech.farewell(farewell)}\r\n`);
      backend.resume();
    }
  }

  function fromPlatform(chunk: Buffer): void {
    if (state === 'closed') return;
    let out: Buffer[];
    try {
      out = answers.feed(chunk);
    } catch {
      leave(speech.lost);
      return stopRelaying(); // nothing after this has a meaning, so nothing of it is passed on
    }
    if (relaying && client.writable) {
      client.cork();
      for (const bytes of out) client.write(bytes);
      client.uncork();
      if (client.writableLength > AHEAD_LIMIT) backend.pause();
    }
    sayAtBoundary();
    if (speech.outOfStep()) return leave(speech.lost);
    pump();
  }

  // The end.

  function leave(text: string | undefined, graceMs = speech.leaveMs()): void {
    if (state !== 'open') return;
    leftQuiet = commands.quiet();
    state = 'closing';
    letClientGo(text);
    giveUpPlatformIn(graceMs);
    if (backend.writable) speech.leave();
  }

  function letClientGo(text: string | undefined): void {
    client.resume(); // what it still sends is dropped, and its end is seen
    if (!client.closed) clientWait = clock.after(FLUSH_MS, () => client.destroy());
    if (text === undefined) return stopRelaying();
    farewell = text;
    sayAtBoundary();
    if (relaying) platformWaits.push(clock.after(BOUNDARY_MS, stopRelaying));
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
      letClientGo(speech.partable() ? undefined : speech.lost);
    }
    stopRelaying();
    state = 'closed';
    for (const cancel of platformWaits) cancel();
    platformWaits = [];
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
    clientGone();
    clientWait?.();
  });
  client.setTimeout(speech.idleMs, () => leave('Nothing was heard for too long.'));
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
      if (state === 'closed' || (state === 'open' && commands.quiet())) return Promise.resolve();
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
        if (!commands.quiet()) throw new CausewayError('conflict', 'a session was cut that is not quiet');
        leave(RECONNECT, CUT_GRACE_MS);
      } else if (leftQuiet) {
        giveUpPlatformIn(CUT_GRACE_MS);
      }
      await closedInTime(closed, clock);
    },
    end(text) {
      leave(text);
    },
    abandon() {
      if (state === 'open') {
        state = 'closing';
        letClientGo(RECONNECT);
      }
      backend.destroy();
    },
    closed,
  };
}
