/**
 * POP3 before sign-in (RFC 1939's AUTHORIZATION state), spoken by ourselves.
 *
 * Invariants: a secret is taken only over TLS. Between a secret and its answer the connection is never dropped by us.
 * One attempt at a time; what was sent behind it waits. What was sent behind STLS before TLS is thrown away. An account
 * that cannot be judged now is turned away at USER, before the secret, where no client asks for another password; a PASS
 * that was sent behind it gets the same answer. No answer given here blames a password: those come from the table of
 * replies, by way of `enter`. Commands, lines, failed attempts and the time are capped.
 */
import { type Command, COMMAND_LIMIT, parseCommand } from '#wire/pop3/command.ts';
import { type NamingConversationOptions, type Outcome, TOO_MANY_ATTEMPTS, untilOutcome } from '../conversing.ts';
import { whyNotLogin, whyNotSecret } from '../credentials.ts';
import { ownCapabilities } from './capability.ts';

/** A client that pipelines is told twice, at USER and at PASS: ten attempts, three typed passwords. */
const FAILURES = 20;

/** What USER came to: a name that PASS may follow, or why it may not. */
type Named = { readonly login: string } | { readonly refusal: string } | undefined;

/** @throws CausewayError 'aborted' when the client went while it was waited for */
export async function conversePop3<T>(options: NamingConversationOptions<T>): Promise<Outcome<T>> {
  const { stream, transport, greet, enter, foreignName, turnAway, onPlainText, signal } = options;
  const answer = (text: string): void => stream.write(`${text}\r\n`);
  const over = (text: string): Outcome<T> => {
    answer(`-ERR [SYS/TEMP] ${text}`);
    return { end: 'over' };
  };
  let named: Named;
  let failures = 0; // of USER and PASS

  function noTls(): string {
    onPlainText();
    return '-ERR Begin TLS first.';
  }

  async function name(command: Command): Promise<string> {
    if (transport === 'clear') return noTls();
    const login = command.rest?.toString().trim() ?? '';
    const why = whyNotLogin(login, foreignName);
    if (why !== undefined) return `-ERR ${why}`;
    const refusal = (await turnAway(login))?.line;
    named = refusal === undefined ? { login } : { refusal };
    return refusal ?? '+OK The password, please.';
  }

  async function present(command: Command): Promise<Outcome<T> | string> {
    if (transport === 'clear') return noTls();
    const before = named;
    named = undefined;
    if (before === undefined) return '-ERR USER comes first.';
    if ('refusal' in before) return before.refusal;
    const secret = command.rest?.toString() ?? '';
    const why = whyNotSecret(secret);
    if (why !== undefined) return `-ERR ${why}`;
    const entry = await enter({ login: before.login, secret });
    if (entry.end === 'entered') return { ...entry, tag: '' };
    if (!entry.closes) return entry.reply;
    answer(entry.reply);
    return { end: 'over' };
  }

  async function take(): Promise<Outcome<T> | undefined> {
    const command = parseCommand(await stream.line(COMMAND_LIMIT, signal));
    let reply: string;
    switch (command?.name) {
      case 'CAPA':
        reply = ['+OK', ...ownCapabilities(transport), '.'].join('\r\n');
        break;
      case 'QUIT':
        answer('+OK Until next time.');
        return { end: 'over' };
      case 'STLS':
        if (transport === 'tls' || command.rest !== undefined) {
          reply = transport === 'tls' ? '-ERR TLS is already in use.' : '-ERR STLS has no arguments.';
          break;
        }
        // Before the answer, and with what was read: whatever has arrived by now was not sent under TLS (CVE-2011-0411).
        stream.release();
        answer('+OK Begin TLS.');
        return { end: 'starttls' };
      case 'USER':
        named = undefined;
        reply = await name(command);
        break;
      case 'PASS': {
        const outcome = await present(command);
        if (typeof outcome !== 'string') return outcome;
        reply = outcome;
        break;
      }
      default:
        reply = '-ERR Sign in first, with USER and PASS.';
    }
    answer(reply);
    if (reply.startsWith('-ERR') && (command?.name === 'USER' || command?.name === 'PASS')) failures += 1;
    return failures < FAILURES ? undefined : over(TOO_MANY_ATTEMPTS);
  }

  if (greet) answer('+OK POP3 ready.');
  return untilOutcome(stream, take, over);
}
