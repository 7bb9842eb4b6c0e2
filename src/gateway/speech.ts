/**
 * What a protocol must give so that its sessions can be spliced (`splice.ts`): `Speech`, made for each session by a
 * function of (queue, platform).
 * - `commands`, a framer of what the client sends: it passes on whole commands, and knows when nothing is under way.
 * - `answers`, a framer of what the platform sends: it knows where a line of ours may stand.
 * - `leave`, the protocol's way out (LOGOUT, QUIT, an end), and how long a platform may take over it.
 * - the form of a last line, and the words for a platform that was lost.
 * Whether a session may be cut is its framer's `quiet`: what must not be interrupted (POP3 after RETR) is never quiet, and
 * a hold is put off. What is asked of them are methods, not accessors: V8 keeps an object made with accessors as a
 * dictionary, which costs each session 4 KB and each sign-in 30 us. See `imap/session.ts` and `pop3/session.ts`.
 *
 * Invariant: framers are pure; only `leave` may write, and only to the platform.
 */
import type { ByteQueue } from '#wire/byte-queue.ts';
import type { Platform } from './backend.ts';

/** What a framer of commands wants done next. */
export type Step =
  /** To the platform. */
  | { readonly kind: 'forward'; readonly bytes: Buffer }
  /** To the client, where a line of ours may stand. `line` has no line end. */
  | { readonly kind: 'answer'; readonly line: string };

export type Commands = {
  /** The next step; undefined when it waits for bytes (`hungry`), for the platform, or for a thaw. Throws CausewayError 'limit' or 'protocol': the session cannot go on. */
  next(): Step | undefined;
  freeze(): void;
  thaw(): void;
  /** Frozen, and the platform has nothing left to do for the client: the session may be cut. */
  quiet(): boolean;
  /** The last `next` wanted more bytes. */
  hungry(): boolean;
};

export type Answers = {
  /** What goes to the client, in order. Throws: nothing from here on has a meaning. */
  feed(chunk: Buffer): Buffer[];
  /** Everything fed so far ended whole, so that a line of ours may follow. */
  atBoundary(): boolean;
};

export type Speech = {
  readonly commands: Commands;
  readonly answers: Answers;
  /** The platform answered what nobody asked: client and platform no longer mean the same, and the session ends. */
  outOfStep(): boolean;
  /** Silence of the client after which it is let go, ms. */
  readonly idleMs: number;
  /** The session ends. The platform, which can still be written to, is told so; what it says to that goes through `answers`. Once. */
  leave(): void;
  /** How long the platform may take from `leave` on, ms, asked right before it. Holds of the account wait for it. */
  leaveMs(): number;
  /** The last line to the client, without its line end. */
  farewell(text: string): string;
  /** For `farewell`, when the platform was lost. */
  readonly lost: string;
  /** When the platform goes now, the client needs no word of ours: it was told, or has asked nothing. */
  partable(): boolean;
};

/** @param platform for `leave`, and for what it announced */
export type Speak = (queue: ByteQueue, platform: Platform) => Speech;

/** Words for `Speech.lost`. */
export const LOST = 'The connection to the mail store was lost. Please connect again.';
