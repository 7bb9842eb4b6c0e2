/**
 * The check by a sign-in over POP3 (RFC 1939).
 *
 * Invariants: `accepted` only after STAT was answered: a maildrop that cannot be opened is no success. `refused` only
 * for an -ERR to PASS that can mean nothing but the secret: one without a response code or with [AUTH] (RFC 3206), whose
 * words blame nothing else. [SYS/TEMP], [SYS/PERM], [IN-USE], [LOGIN-DELAY] (RFC 2449), and any -ERR elsewhere, give no
 * verdict. The answer is not held back by the farewell.
 */
import { CausewayError } from '#errors/index.ts';
import type { Status } from '#wire/pop3/response.ts';
import { hasOtherCause } from './refusal-words.ts';
import type { SignInThere } from './verifier.ts';

/** What is used of a connection of the `pop3` room. */
export type Pop3VerifierConnection = {
  ask(command: string): Promise<Status>;
  quit(): Promise<void>;
  destroy(): void;
};

/** Connects to a platform's POP3, greeting read, TLS done. Ends when the signal is aborted. */
export type OpenPop3 = (signal: AbortSignal) => Promise<Pop3VerifierConnection>;

export function createPop3SignIn(open: OpenPop3): SignInThere {
  return async (login, secret, signal) => {
    // RFC 1939 section 3: an argument ends at a space, but for the last one.
    if (/[\r\n\0]/.test(`${login}${secret}`) || login.includes(' ')) {
      throw new CausewayError('input', 'the login cannot be sent over POP3: it has a line end, NUL or space in it');
    }
    const connection = await open(signal);
    const onAbort = (): void => connection.destroy();
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      const answer = await judge(connection, login, secret);
      connection.quit().catch(() => connection.destroy());
      return answer;
    } catch (error) {
      connection.destroy();
      throw signal.aborted ? new CausewayError('aborted', 'the sign-in was given up', { cause: error }) : error;
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  };
}

async function judge(connection: Pop3VerifierConnection, login: string, secret: string): Promise<'accepted' | 'refused'> {
  const user = await connection.ask(`USER ${login}`);
  if (!user.ok) throw unjudged('USER', user);
  const pass = await connection.ask(`PASS ${secret}`);
  if (!pass.ok) {
    if (isAboutSecret(pass)) return 'refused';
    throw unjudged('PASS', pass);
  }
  const stat = await connection.ask('STAT');
  if (!stat.ok) throw unjudged('STAT', stat);
  return 'accepted';
}

/** Whether an -ERR to PASS can mean nothing but the secret. */
export function isAboutSecret({ ok, code, text }: Status): boolean {
  // A code in a form that we do not know is still one.
  return !ok && (code === undefined ? !text.startsWith('[') : code === 'AUTH') && !hasOtherCause(text);
}

/** A definite no, but not to the secret. The server's words are left out: it may have echoed the command. */
function unjudged(command: string, { code }: Status): CausewayError {
  const retryable = code !== 'SYS/PERM';
  return new CausewayError('refused', `${command}: -ERR${code === undefined ? '' : ` [${code}]`}, which is not about the secret`, { retryable });
}
