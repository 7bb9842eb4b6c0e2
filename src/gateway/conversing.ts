/**
 * The conversation before sign-in, in every protocol: what it is given, how it ends.
 *
 * A protocol gives a function that answers one command (`take`), and the form of its last words; what it may sign in with
 * goes to `enter`. See `imap/conversation.ts` and `pop3/conversation.ts`.
 *
 * Invariants: a client that can still hear is told why. What ends by a cap, or by the time, ends without blaming a password.
 */
import { CausewayError } from '#errors/index.ts';
import type { Reply } from '#signin/replies.ts';
import type { ClientStream } from './client-stream.ts';
import type { Credentials } from './credentials.ts';

/** How the attempt ended: signed in (what the caller needs to go on), or the reply's words behind the tag. */
export type Entry<T> =
  | { readonly end: 'entered'; readonly entered: T }
  | { readonly end: 'refused'; readonly reply: string; readonly closes: boolean };

export type Outcome<T> =
  /** The OK is still to be sent, behind `tag`, which POP3 leaves empty. */
  | { readonly end: 'entered'; readonly tag: string; readonly entered: T }
  /** Its OK has been sent; the next bytes are the handshake. */
  | { readonly end: 'starttls' }
  /** The last words have been sent. */
  | { readonly end: 'over' };

export type ConversationOptions<T> = {
  readonly stream: ClientStream;
  readonly transport: 'clear' | 'tls';
  /** Whether the greeting is sent: not again after STARTTLS. */
  readonly greet: boolean;
  readonly enter: (credentials: Credentials) => Promise<Entry<T>>;
  /** A login name that must not reach a platform. */
  readonly foreignName: (login: string) => boolean;
  /** It wanted to send a secret in clear, and was told to begin TLS. */
  readonly onPlainText: () => void;
  /** Aborted when the time before sign-in is over. It ends waits for the client, never an attempt. */
  readonly signal: AbortSignal;
};

/** Of a protocol that names the account before the secret. */
export type NamingConversationOptions<T> = ConversationOptions<T> & {
  /** What a client is told before its secret, when its account cannot be judged now anyway. Undefined: it may go on. */
  readonly turnAway: (login: string) => Promise<Reply | undefined>;
};

/** A client that sends this many commands never signs in: the greeting's, a name, a secret, and a retry or two are five to eight. */
const COMMANDS = 100;

export const TOO_MANY_ATTEMPTS = 'Too many attempts on one connection. Please try again later.';

/**
 * Takes commands until one of them leads to an outcome.
 * @param take reads and answers one command. It may throw what the stream throws
 * @param over says the last words, and gives the outcome
 * @throws CausewayError 'aborted' when the client went while it was waited for
 */
export async function untilOutcome<T>(stream: ClientStream, take: () => Promise<Outcome<T> | undefined>, over: (text: string) => Outcome<T>): Promise<Outcome<T>> {
  try {
    for (let commands = 0; commands < COMMANDS; commands += 1) {
      const outcome = await take();
      if (outcome !== undefined) return outcome;
    }
  } catch (error) {
    if (!(error instanceof CausewayError) || (error.code !== 'limit' && error.code !== 'aborted')) throw error;
    if (error.code === 'limit') return over(`Cannot go on: ${error.message}.`);
    if (stream.gone.aborted) throw error;
    return over('The time for signing in is over. Please connect again.');
  }
  return over('Too many commands before signing in.');
}
