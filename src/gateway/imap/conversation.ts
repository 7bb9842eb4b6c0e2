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
import type { ClientStream } from '../client-stream.ts';
import { type ConversationOptions, type Entry, type Outcome, TOO_MANY_ATTEMPTS, untilOutcome } from '../conversing.ts';
import { type Credentials, loginCredentials, plainCredentials } from '../credentials.ts';
import { literalMark } from '../literal-mark.ts';
import { ownCapabilities } from './capability.ts';
import { deviceOfId } from './client-id.ts';
import { commandHead, namesOrigin } from './command-head.ts';

/** Credentials are at most 3 x 1,024 octets (RFC 4616) in base64; RFC 9051 section 4 asks for 8,192. */
const LINE_LIMIT = 8_192;
/** RFC 7888's bound for literals that are sent unasked; no login name or password is longer. */
const LITERAL_LIMIT = 4_096;
/** LOGIN has two arguments; an ID a few fields. */
const LITERALS = 8;
/** One typed password is up to three attempts (Thunderbird); ten are three passwords. */
const FAILURES = 10;

/** @throws CausewayError 'aborted' when the client went while it was waited for */
export async function converseImap<T>({ stream, transport, greet, enter, foreignName, onPlainText, signal }: ConversationOptions<T>): Promise<Outcome<T>> {
  const over = (text: string): Outcome<T> => {
    stream.write(`* BYE ${text}\r\n`);
    return { end: 'over' };
  };
  let failures = 0;
  let device = '';

  async function take(): Promise<Outcome<T> | undefined> {
    const command = await readCommand(stream, transport, onPlainText, signal);
    if (command === undefined) return undefined;
    const { tag, name, args } = command;
    const answer = (text: string): void => stream.write(`${tag} ${text}\r\n`);
    switch (name) {
      case 'CAPABILITY':
        stream.write(`* CAPABILITY ${ownCapabilities(transport)}\r\n`);
        answer('OK Done.');
        return undefined;
      case 'ID':
        device = deviceOfId(args);
        stream.write('* ID ("name" "Causeway")\r\n');
        answer('OK Done.');
        return undefined;
      case 'NOOP':
        answer('OK Done.');
        return undefined;
      case 'LOGOUT':
        stream.write('* BYE Until next time.\r\n');
        answer('OK Done.');
        return { end: 'over' };
      case 'STARTTLS':
        if (transport === 'tls' || args.length > 0) {
          answer(transport === 'tls' ? 'BAD TLS is already in use.' : 'BAD STARTTLS has no arguments.');
          return undefined;
        }
        // Before the answer, and with what was read: whatever has arrived by now was not sent under TLS (CVE-2011-0411).
        stream.release();
        answer('OK Begin TLS.');
        return { end: 'starttls' };
      case 'LOGIN':
        return present(tag, loginCredentials(args, foreignName));
      case 'AUTHENTICATE':
        return present(tag, await authenticate(stream, args, foreignName, signal));
      default:
        answer('BAD Sign in first.');
        return undefined;
    }
  }

  /** @param credentials a string says why they are none */
  async function present(tag: string, credentials: Credentials | string): Promise<Outcome<T> | undefined> {
    const entry: Entry<T> = typeof credentials === 'string' ? { end: 'refused', reply: `BAD ${credentials}`, closes: false } : await enter(device === '' ? credentials : { ...credentials, device });
    if (entry.end === 'entered') return { ...entry, tag };
    stream.write(`${tag} ${entry.reply}\r\n`);
    if (entry.closes) return over('Please try again later.');
    failures += 1;
    return failures < FAILURES ? undefined : over(TOO_MANY_ATTEMPTS);
  }

  if (greet) stream.write(`* OK [CAPABILITY ${ownCapabilities(transport)}] IMAP ready.\r\n`);
  return untilOutcome(stream, take, over);
}

type Read = { readonly tag: string; readonly name: string; readonly args: Token[] };

/** Undefined when it was answered here. */
async function readCommand(stream: ClientStream, transport: 'clear' | 'tls', onPlainText: () => void, signal: AbortSignal): Promise<Read | undefined> {
  const first = await stream.line(LINE_LIMIT, signal);
  const head = commandHead(first);
  const tag = head?.tag ?? '*';
  let refusal: string | undefined;
  // Said before a synchronising literal is asked for, so that the secret is not sent in clear.
  if (transport === 'clear' && (head?.name === 'LOGIN' || head?.name === 'AUTHENTICATE')) {
    onPlainText();
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
