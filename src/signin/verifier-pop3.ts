/**
 * The check by a sign-in over POP3 (RFC 1939).
 *
 * Invariants: `accepted` only after STAT was answered: a maildrop that cannot be opened is no success. `refused` only
 * for an -ERR to PASS that can mean nothing but the secret: one without a response code or with [AUTH] (RFC 3206), whose
 * words blame nothing else. [SYS/TEMP], [SYS/PERM], [IN-USE], [LOGIN-DELAY] (RFC 2449), and any -ERR elsewhere, give no
 * verdict.
 */
import { CausewayError } from '#errors/index.ts';
import { openPop3, type Pop3Connection, type Pop3Endpoint, type Pop3Reply } from './pop3-connection.ts';
import { hasOtherCause } from './refusal-words.ts';
import type { SignInThere } from './verifier.ts';

export type { Pop3Endpoint } from './pop3-connection.ts';

export function createPop3SignIn(endpoint: Pop3Endpoint): SignInThere {
  return async (login, secret, signal) => {
    // RFC 1939 section 3: an argument ends at a space, but for the last one.
    if (/[\r\n\0]/.test(`${login}${secret}`) || login.includes(' ')) {
      throw new CausewayError('input', 'the login cannot be sent over POP3: it has a line end, NUL or space in it');
    }
    const connection = await openPop3(endpoint, signal);
    try {
      return await judge(connection, login, secret);
    } finally {
      connection.end();
    }
  };
}

async function judge(connection: Pop3Connection, login: string, secret: string): Promise<'accepted' | 'refused'> {
  const user = await connection.command(`USER ${login}`);
  if (!user.ok) throw unjudged('USER', user, connection.place);
  const pass = await connection.command(`PASS ${secret}`);
  if (!pass.ok) {
    if (isAboutSecret(pass)) return 'refused';
    throw unjudged('PASS', pass, connection.place);
  }
  const stat = await connection.command('STAT');
  if (!stat.ok) throw unjudged('STAT', stat, connection.place);
  return 'accepted';
}

/** Whether an -ERR to PASS can mean nothing but the secret. */
export function isAboutSecret({ ok, code, text }: Pop3Reply): boolean {
  return !ok && (code === undefined || code === 'AUTH') && !hasOtherCause(text);
}

/** A definite no, but not to the secret. The server's words are left out: it may have echoed the command. */
function unjudged(command: string, { code }: Pop3Reply, place: string): CausewayError {
  const retryable = code !== 'SYS/PERM';
  return new CausewayError('refused', `${command}: -ERR${code === undefined ? '' : ` [${code}]`}, which is not about the secret`, { place, retryable });
}
