/**
 * Submission before sign-in (RFC 6409, RFC 4954), spoken by ourselves.
 *
 * Invariants: a secret is taken only over TLS. Between a secret and its answer the connection is never dropped by us.
 * One attempt at a time; what was sent behind it waits. What was sent behind STARTTLS before TLS is thrown away. No
 * message is begun by anybody who is not signed in. No answer given here blames a password: those come from the table of
 * replies, by way of `enter`. Commands, lines, failed attempts and the time are capped.
 */
import { type Auth, COMMAND_LIMIT, parseAuth, parseCommand, parseHello } from '#wire/smtp/command.ts';
import { decodeText } from '#wire/sasl.ts';
import { type ConversationOptions, type Outcome, TOO_MANY_ATTEMPTS, untilOutcome } from '../conversing.ts';
import { checked, type Credentials, plainCredentials } from '../credentials.ts';
import { ownKeywords } from './capability.ts';

/** One typed password is up to three attempts (Thunderbird: PLAIN, LOGIN and one without its mechanism's list). */
const FAILURES = 10;
/** The name by which we greet: the same on every machine, so that it tells nothing of any. */
const NAME = 'causeway';
/** `Username:` and `Password:` in base64, as every server prompts for LOGIN; clients have been seen that know no others. */
const PROMPTS = { login: 'VXNlcm5hbWU6', secret: 'UGFzc3dvcmQ6' } as const;

/** What went wrong with the form of an attempt. */
type Malformed = { readonly why: string };

/** @throws CausewayError 'aborted' when the client went while it was waited for */
export async function converseSubmission<T>({ stream, transport, greet, enter, foreignName, onPlainText, signal }: ConversationOptions<T>): Promise<Outcome<T>> {
  const answer = (text: string): void => stream.write(`${text}\r\n`);
  const over = (text: string): Outcome<T> => {
    answer(`421 4.3.2 ${text}`);
    return { end: 'over' };
  };
  let host: string | undefined;
  let failures = 0;

  /** What a client answers to a prompt; undefined when it cancels (RFC 4954 section 4). */
  async function ask(prompt: string): Promise<string | undefined> {
    answer(`334 ${prompt}`);
    const line = (await stream.line(COMMAND_LIMIT, signal)).toString('latin1');
    return line === '*' ? undefined : line;
  }

  async function plain(initial: string | undefined): Promise<Credentials | Malformed> {
    const response = initial ?? (await ask(''));
    return response === undefined ? { why: 'Cancelled.' } : formed(plainCredentials(response, foreignName));
  }

  async function login(initial: string | undefined): Promise<Credentials | Malformed> {
    const name = initial ?? (await ask(PROMPTS.login));
    const secret = name === undefined ? undefined : await ask(PROMPTS.secret);
    if (name === undefined || secret === undefined) return { why: 'Cancelled.' };
    const [who, what] = [decodeText(name), decodeText(secret)];
    return who === undefined || what === undefined ? { why: 'That is no base64 of UTF-8.' } : formed(checked(who, what, foreignName));
  }

  async function authenticate(auth: Auth | undefined): Promise<Outcome<T> | string> {
    // Said before a prompt, so that the secret is not sent in clear.
    if (transport === 'clear') {
      onPlainText();
      return '530 5.7.0 Begin TLS first.';
    }
    if (auth === undefined) return '501 5.5.4 The mechanism is PLAIN or LOGIN.';
    if (auth.mechanism !== 'PLAIN' && auth.mechanism !== 'LOGIN') return '504 5.5.4 The mechanism is PLAIN or LOGIN.';
    failures += 1;
    const credentials = await (auth.mechanism === 'PLAIN' ? plain(auth.initial) : login(auth.initial));
    if ('why' in credentials) return `501 5.5.2 ${credentials.why}`;
    // A computer's own name, or `smtpclient.apple`; an address in brackets is another each day.
    const entry = await enter(host === undefined ? credentials : { ...credentials, host, ...(host.startsWith('[') ? {} : { device: host }) });
    if (entry.end === 'entered') return { ...entry, tag: '' };
    if (!entry.closes) return entry.reply;
    answer(entry.reply);
    return { end: 'over' };
  }

  async function take(): Promise<Outcome<T> | undefined> {
    const command = parseCommand(await stream.line(COMMAND_LIMIT, signal));
    switch (command?.verb) {
      case 'EHLO':
        host = parseHello(command.rest);
        answer([NAME, ...ownKeywords(transport)].map((text, at, all) => `250${at === all.length - 1 ? ' ' : '-'}${text}`).join('\r\n'));
        break;
      case 'HELO':
        host = parseHello(command.rest);
        answer(`250 ${NAME}`);
        break;
      case 'NOOP':
      case 'RSET':
        answer('250 2.0.0 Done.');
        break;
      case 'QUIT':
        answer('221 2.0.0 Until next time.');
        return { end: 'over' };
      case 'STARTTLS':
        if (transport === 'tls' || command.rest !== '') {
          answer(transport === 'tls' ? '503 5.5.1 TLS is already in use.' : '501 5.5.4 STARTTLS has no arguments.');
          break;
        }
        // Before the answer, and with what was read: whatever has arrived by now was not sent under TLS (CVE-2011-0411).
        stream.release();
        answer('220 2.0.0 Begin TLS.');
        return { end: 'starttls' };
      case 'AUTH': {
        const outcome = await authenticate(parseAuth(command.rest));
        if (typeof outcome !== 'string') return outcome;
        answer(outcome);
        break;
      }
      case 'MAIL':
      case 'RCPT':
      case 'DATA':
      case 'VRFY':
      case 'EXPN':
        answer(`530 5.7.0 ${transport === 'clear' ? 'Begin TLS' : 'Sign in'} first.`);
        break;
      case 'BDAT':
        // Its bytes come behind it unasked, and are no commands (RFC 3030).
        return over('BDAT is not offered here.');
      case 'XCLIENT':
      case 'XFORWARD':
        answer('550 5.7.0 Only the gateway says where a client comes from.');
        break;
      default:
        answer('500 5.5.1 That is no command here.');
    }
    return failures < FAILURES ? undefined : over(TOO_MANY_ATTEMPTS);
  }

  if (greet) answer(`220 ${NAME} ESMTP ready.`);
  return untilOutcome(stream, take, over);
}

function formed(read: Credentials | string): Credentials | Malformed {
  return typeof read === 'string' ? { why: read } : read;
}
