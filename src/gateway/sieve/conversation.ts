/**
 * ManageSieve before sign-in (RFC 5804's non-authenticated state), spoken by ourselves.
 *
 * Invariants: a secret is taken only over TLS. Between a secret and its answer the connection is never dropped by us.
 * One attempt at a time; what was sent behind it waits. What was sent behind STARTTLS before TLS is thrown away. No
 * answer given here blames a password: those come from the table of replies, by way of `enter`. Commands, lines,
 * literals, failed attempts and the time are capped.
 */
import { CausewayError } from '#errors/index.ts';
import { type Line, parseLine, textOf, type Token } from '#wire/imap/tokens.ts';
import { type Command, LINE_LIMIT, parseCommand } from '#wire/sieve/command.ts';
import type { ClientStream } from '../client-stream.ts';
import { type ConversationOptions, type Entry, type Outcome, TOO_MANY_ATTEMPTS, untilOutcome } from '../conversing.ts';
import { type Credentials, plainCredentials } from '../credentials.ts';
import { literalMark } from '../literal-mark.ts';
import { ownCapabilities } from './capability.ts';

/** PLAIN with a name of 512 and a secret of 1,024 octets in base64. */
const LITERAL_LIMIT = 4_096;
/** AUTHENTICATE has two strings. */
const LITERALS = 4;
/** As in IMAP: one typed password may be three attempts. */
const FAILURES = 10;

/** @throws CausewayError 'aborted' when the client went while it was waited for */
export async function converseSieve<T>({ stream, transport, greet, enter, foreignName, onPlainText, signal }: ConversationOptions<T>): Promise<Outcome<T>> {
  const answer = (text: string): void => stream.write(`${text}\r\n`);
  const over = (text: string): Outcome<T> => {
    answer(`BYE (TRYLATER) "${text}"`);
    return { end: 'over' };
  };
  let failures = 0;

  function sayCapabilities(text: string): void {
    for (const line of ownCapabilities(transport)) answer(line);
    answer(`OK "${text}"`);
  }

  async function take(): Promise<Outcome<T> | undefined> {
    const command = await readCommand(stream, signal);
    switch (command?.name) {
      case undefined:
        answer('NO "That is no command."');
        return undefined;
      case 'CAPABILITY':
        sayCapabilities('Done.');
        return undefined;
      case 'NOOP': {
        const tag = command.args[0];
        // Section 2.13. What a client wants back is a few characters; a tag that cannot stand in quotes is not repeated.
        const said = tag?.kind === 'string' ? tag.bytes.toString('latin1') : undefined;
        answer(said !== undefined && /^[\x20!#-[\]-~]{0,64}$/.test(said) ? `OK (TAG "${said}") "Done."` : 'OK "Done."');
        return undefined;
      }
      case 'LOGOUT':
        answer('OK "Until next time."');
        return { end: 'over' };
      case 'STARTTLS':
        if (transport === 'tls' || command.args.length > 0) {
          answer(transport === 'tls' ? 'NO "TLS is already in use."' : 'NO "STARTTLS has no arguments."');
          return undefined;
        }
        // Before the answer, and with what was read: whatever has arrived by now was not sent under TLS (CVE-2011-0411).
        stream.release();
        answer('OK "Begin TLS."');
        return { end: 'starttls' };
      case 'AUTHENTICATE':
        return authenticate(command.args);
      default:
        answer('NO "Sign in first."');
        return undefined;
    }
  }

  async function authenticate(args: readonly Token[]): Promise<Outcome<T> | undefined> {
    if (transport === 'clear') {
      onPlainText();
      answer('NO (ENCRYPT-NEEDED) "Begin TLS first."');
      return undefined;
    }
    const credentials = await readCredentials(args);
    const entry: Entry<T> = typeof credentials === 'string' ? { end: 'refused', reply: `NO "${credentials}"`, closes: false } : await enter(credentials);
    if (entry.end === 'entered') return { ...entry, tag: '' };
    answer(entry.reply);
    if (entry.closes) return { end: 'over' };
    failures += 1;
    return failures < FAILURES ? undefined : over(TOO_MANY_ATTEMPTS);
  }

  /** PLAIN (RFC 4616), with an initial response or asked for one, by an empty challenge. A string says why not. */
  async function readCredentials([mechanism, initial, ...more]: readonly Token[]): Promise<Credentials | string> {
    if (mechanism === undefined || textOf(mechanism).toUpperCase() !== 'PLAIN' || more.length > 0) return 'The mechanism is PLAIN.';
    let response = initial;
    if (response === undefined) {
      answer('""');
      response = onlyString(await readLine(stream, signal));
    }
    if (response === undefined) return 'The response is one string.';
    const base64 = textOf(response);
    return base64 === '*' ? 'Cancelled.' : plainCredentials(base64, foreignName);
  }

  // After STARTTLS too (section 2.2): what was announced in clear counts no more.
  sayCapabilities(greet ? 'ManageSieve ready.' : 'TLS is in use.');
  return untilOutcome(stream, take, over);
}

/** Undefined for what is no command. @throws CausewayError 'limit', 'aborted' */
async function readCommand(stream: ClientStream, signal: AbortSignal): Promise<Command | undefined> {
  const line = await readLine(stream, signal);
  try {
    return line === undefined ? undefined : parseCommand(line);
  } catch {
    return undefined;
  }
}

function onlyString(line: Line | undefined): Token | undefined {
  try {
    const [token, ...more] = line === undefined ? [] : parseLine(line, { nesting: 0, tokens: 2 });
    return more.length > 0 ? undefined : token;
  } catch {
    return undefined;
  }
}

/** A line with its literals; undefined when one is announced where none can be, or as no client's are. */
async function readLine(stream: ClientStream, signal: AbortSignal): Promise<Line | undefined> {
  const line: Line = [];
  let sound = true;
  for (;;) {
    const text = await stream.line(LINE_LIMIT, signal);
    const mark = literalMark(text);
    if (mark === undefined) {
      line.push(text);
      return sound ? line : undefined;
    }
    if (mark.size > LITERAL_LIMIT || line.length >= 2 * LITERALS) throw new CausewayError('limit', 'a literal of more bytes than any name or password');
    sound &&= !mark.synchronising && (mark.clear || mark.at === 0);
    line.push(text.subarray(0, mark.at), { literal: await stream.literal(mark.size, signal) });
  }
}
