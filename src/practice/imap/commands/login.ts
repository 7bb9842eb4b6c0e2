/**
 * LOGIN and AUTHENTICATE PLAIN, by one of three entrances: the user's own secret or a master's (`user*master`, or an
 * authorization identity), both judged by the back end; or, on the trusted port, a shared token that needs none.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { textOf, type Token } from '#wire/imap/tokens.ts';
import { decodePlain } from '#wire/sasl.ts';
import type { Outcome } from '../../auth/client.ts';
import { CAPABILITIES } from '../capabilities.ts';
import { type Command, expectArguments, type Reply, type Session } from '../session.ts';

/** A connection that was wrong 20 times is cut, after its answer. */
const MOST_REFUSALS = 20;

export const login: Command = {
  when: 'before',
  run(session, args) {
    expectArguments(args, 2);
    return signIn(session, 'LOGIN', { authzid: '', authcid: textOf(args[0]), secret: textOf(args[1]) });
  },
};

export const authenticate: Command = {
  when: 'before',
  async run(session, args) {
    expectArguments(args, 1, 2);
    if (textOf(args[0]).toUpperCase() !== 'PLAIN') return 'NO [CANNOT] Only PLAIN is supported.';
    const response = args[1] === undefined ? await askForResponse(session) : textOf(args[1] as Token);
    if (response === undefined || response === '*') return 'BAD Cancelled.';
    const plain = decodePlain(response);
    return plain ? signIn(session, 'AUTHENTICATE', plain) : 'BAD Not a PLAIN response.';
  },
};

async function askForResponse({ out, input }: Session): Promise<string | undefined> {
  out.line('+ ');
  const piece = await input.piece();
  return piece?.kind === 'text' && !piece.literal ? piece.bytes.toString('latin1') : undefined;
}

type Credentials = { authzid: string; authcid: string; secret: string };

async function signIn(session: Session, command: string, credentials: Credentials): Promise<Reply> {
  const { user, check } = judge(session, credentials);
  const entry = { session: session.id, port: session.port, user };
  session.services.log.write({ ...entry, command });
  const outcome = await check();
  session.services.log.write({ ...entry, result: outcome });
  if (outcome === 'unavailable') return 'NO [UNAVAILABLE] Temporary authentication failure.';
  if (outcome === 'no' || !session.services.accounts.exists(user)) {
    session.refusals += 1;
    session.ending = session.refusals >= MOST_REFUSALS;
    return 'NO [AUTHENTICATIONFAILED] Authentication failed.';
  }
  session.user = user;
  return `OK [CAPABILITY ${CAPABILITIES}] Signed in.`;
}

/** Whose mail is asked for, and how to find out whether it may be had. */
function judge(session: Session, { authzid, authcid, secret }: Credentials): { user: string; check: () => Promise<Outcome> } {
  const { auth, master, trustedToken } = session.services;
  const other = authzid === '' || authzid.toLowerCase() === authcid.toLowerCase() ? undefined : authzid.toLowerCase();
  if (session.port === 'trusted') {
    const right = trustedToken !== undefined && equal(secret, trustedToken);
    return { user: other ?? authcid.toLowerCase(), check: () => Promise.resolve(right ? 'yes' : 'no') };
  }
  if (master && other !== undefined && authcid === master.user) {
    return { user: other, check: () => auth.check(authcid, secret, true) };
  }
  const suffix = master ? `${master.separator}${master.user}` : undefined;
  if (master && suffix !== undefined && other === undefined && authcid.endsWith(suffix)) {
    return { user: authcid.slice(0, -suffix.length).toLowerCase(), check: () => auth.check(master.user, secret, true) };
  }
  if (other !== undefined) return { user: other, check: () => Promise.resolve('no') };
  return { user: authcid.toLowerCase(), check: () => auth.check(authcid, secret, false) };
}

function equal(a: string, b: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
