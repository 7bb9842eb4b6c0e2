/**
 * IMAP before sign-in, spoken by ourselves.
 *
 * Invariants: a secret is taken only over TLS. Between a secret and its answer the connection is never dropped by us.
 * One attempt at a time; what was sent behind it waits. What was sent behind STARTTLS before TLS is thrown away. No
 * answer given here blames a password: those come from the table of replies, by way of `enter`. Commands, lines,
 * literals, failed attempts and the time are capped.
 */
import { CausewayError } from '#errors/index.ts';
import { parseCommand } from '#wire/imap/command.ts';
import { type Line, type Token } from '#wire/imap/tokens.ts';
import { ownCapabilities } from './capability.ts';
import type { ClientStream } from './client-stream.ts';
import { commandHead, namesOrigin } from './command-head.ts';
import { type Credentials, loginCredentials, plainCredentials } from './credentials.ts';
import { literalMark } from './literal-mark.ts';

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

/** Credentials are at most 3 x 1,024 octets (RFC 4616) in base64; RFC 9051 section 4 asks for 8,192. */
const LINE_LIMIT = 8_192;
/** RFC 7888's bound for literals that are sent unasked; no login name or password is longer. */
const LITERAL_LIMIT = 4_096;
/** LOGIN has two arguments; an ID a few fields. */
const LITERALS = 8;
/** CAPABILITY, ID, NOOP and LOGIN are five with a retry or two; a client that sends this many never signs in. */
const COMMANDS = 100;
/** One typed password is up to three attempts (Thunderbird); ten are three passwords. */
const FAILURES = 10;

export type ConversationOptions<T> = {
  readonly stream: ClientStream;
  readonly transport: 'clear' | 'tls';
  /** Whether the greeting is sent: not again after STARTTLS. */
  readonly greet: boolean;
  readonly enter: (credentials: Credentials) => Promise<Entry<T>>;
  /** A login name that must not reach a platform. */
  readonly foreignName: (login: string) => boolean;
  /** Aborted when the time before sign-in is over. It ends waits for the client, never an attempt. */
  readonly signal: AbortSignal;
};

/** @throws CausewayError 'aborted' when the client went, or the time was over, while it was waited for */
export async function converse<T>({ stream, transport, greet, enter, foreignName, signal }: ConversationOptions<T>): Promise<Outcome<T>> {
  const over = (text: string): Outcome<T> => {
    stream.write(`* BYE ${text}\r\n`);
    return { end: 'over' };
  };
  if (greet) stream.write(`* OK [CAPABILITY ${ownCapabilities(transport)}] IMAP ready.\r\n`);
  let failures = 0;
  try {
    for (let commands = 0; commands < COMMANDS; commands += 1) {
      const command = await readCommand(stream, transport, signal);
      if (command === undefined) continue;
      const { tag, name, args } = command;
      const answer = (text: string): void => stream.write(`${tag} ${text}\r\n`);
      let credentials: Credentials | string | undefined;
      switch (name) {
        case 'CAPABILITY':
          stream.write(`* CAPABILITY ${ownCapabilities(transport)}\r\n`);
          answer('OK Done.');
          break;
        case 'ID':
          stream.write('* ID ("name" "Causeway")\r\n');
          answer('OK Done.');
          break;
        case 'NOOP':
          answer('OK Done.');
          break;
        case 'LOGOUT':
          stream.write('* BYE Until next time.\r\n');
          answer('OK Done.');
          return { end: 'over' };
        case 'STARTTLS':
          if (transport === 'tls') {
            answer('BAD TLS is already in use.');
            break;
          }
          if (args.length > 0) {
            answer('BAD STARTTLS has no arguments.');
            break;
          }
          // Before the answer, and with what was read: whatever has arrived by now was not sent under TLS (CVE-2011-0411).
          stream.release();
          answer('OK Begin TLS.');
          return { end: 'starttls' };
        case 'LOGIN':
          credentials = loginCredentials(args, foreignName);
          break;
        case 'AUTHENTICATE':
          credentials = await authenticate(stream, args, foreignName, signal);
          break;
        default:
          answer('BAD Sign in first.');
      }
      if (credentials === undefined) continue;
      const entry: Entry<T> = typeof credentials === 'string' ? { end: 'refused', reply: `BAD ${credentials}`, closes: false } : await enter(credentials);
      if (entry.end === 'entered') return { ...entry, tag };
      answer(entry.reply);
      if (entry.closes) return over('Please try again later.');
      failures += 1;
      if (failures >= FAILURES) return over('Too many attempts on one connection. Please try again later.');
    }
  } catch (error) {
    if (!(error instanceof CausewayError) || (error.code !== 'limit' && error.code !== 'aborted')) throw error;
    if (error.code === 'limit') return over(`Cannot go on: ${error.message}.`);
    if (stream.gone.aborted) throw error;
    return over('The time for signing in is over. Please connect again.');
  }
  return over('Too many commands before signing in.');
}

type Read = { readonly tag: string; readonly name: string; readonly args: Token[] };

/** Undefined when it was answered here. */
async function readCommand(stream: ClientStream, transport: 'clear' | 'tls', signal: AbortSignal): Promise<Read | undefined> {
  const first = await stream.line(LINE_LIMIT, signal);
  const head = commandHead(first);
  const tag = head?.tag ?? '*';
  let refusal: string | undefined;
  // Said before a synchronising literal is asked for, so that the secret is not sent in clear.
  if (transport === 'clear' && (head?.name === 'LOGIN' || head?.name === 'AUTHENTICATE')) {
    refusal = 'NO [PRIVACYREQUIRED] Begin TLS first.';
  }
  const line: Line = [];
  for (let text = first; ; text = await stream.line(LINE_LIMIT, signal)) {
    const mark = literalMark(text);
    if (head?.name === 'ID' && namesOrigin(text)) refusal ??= 'BAD Only the gateway says where a client comes from.';
    if (mark === undefined) {
      line.push(text);
      break;
    }
    if (!mark.clear) refusal ??= 'BAD A literal is announced where none can be.';
    if (mark.size > LITERAL_LIMIT || line.length >= 2 * LITERALS) {
      if (!mark.synchronising) throw new CausewayError('limit', 'a literal of more bytes than any name or password');
      refusal ??= 'BAD The literal is too long.';
    }
    line.push(text.subarray(0, mark.at));
    if (mark.synchronising) {
      if (refusal !== undefined) break; // the client takes the answer for the refusal of its literal
      stream.write('+ OK\r\n');
    }
    line.push({ literal: await stream.literal(mark.size, signal) });
  }
  if (refusal === undefined) {
    try {
      return parseCommand(line);
    } catch {
      refusal = 'BAD That is no command.';
    }
  }
  stream.write(`${tag} ${refusal}\r\n`);
  return undefined;
}

/** AUTHENTICATE PLAIN (RFC 4616), with an initial response (RFC 4959) or asked for one. A string says why not. */
async function authenticate(
  stream: ClientStream,
  args: readonly Token[],
  foreignName: (login: string) => boolean,
  signal: AbortSignal,
): Promise<Credentials | string> {
  const [mechanism, initial, ...more] = args;
  if (mechanism?.kind !== 'atom' || mechanism.text.toUpperCase() !== 'PLAIN' || more.length > 0) return 'The mechanism is PLAIN.';
  if (initial !== undefined) return initial.kind === 'atom' ? plainCredentials(initial.text, foreignName) : 'The response is base64.';
  stream.write('+ \r\n');
  const response = (await stream.line(LINE_LIMIT, signal)).toString('latin1');
  return response === '*' ? 'Cancelled.' : plainCredentials(response, foreignName);
}
