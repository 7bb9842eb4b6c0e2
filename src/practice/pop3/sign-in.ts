/** USER and PASS, and AUTH PLAIN for a master with an authorization identity (RFC 5034). */
import { decodePlain } from '#wire/sasl.ts';
import { INBOX } from '../maildir/names.ts';
import { type Credentials, judge } from '../judge.ts';
import { openMaildrop } from './maildrop.ts';
import type { Reply, Session } from './session.ts';

/** A connection that was wrong 20 times is cut, after its answer. */
const MOST_REFUSALS = 20;

export function nameUser(session: Session, name: string): Reply {
  if (name === '') return '-ERR Expected a name.';
  session.named = name;
  return '+OK';
}

export async function presentSecret(session: Session, secret: string): Promise<Reply> {
  const { named } = session;
  session.named = undefined;
  return named === undefined ? '-ERR USER comes first.' : signIn(session, 'PASS', { authzid: '', authcid: named, secret });
}

export async function authPlain(session: Session, words: readonly string[]): Promise<Reply> {
  const [mechanism = '', response = ''] = words;
  if (mechanism.toUpperCase() !== 'PLAIN') return '-ERR Only PLAIN is supported.';
  const plain = decodePlain(response);
  return plain === undefined ? '-ERR Not a PLAIN response.' : signIn(session, 'AUTH', plain);
}

async function signIn(session: Session, command: string, credentials: Credentials): Promise<Reply> {
  const { services, locks } = session;
  const { user, check } = judge(services, session.port === 'pop3-trusted', credentials);
  const entry = { session: session.id, port: session.port, user };
  services.log.write({ ...entry, command });
  const outcome = await check();
  services.log.write({ ...entry, result: outcome });
  if (outcome === 'unavailable') return '-ERR [SYS/TEMP] Temporary authentication failure.';
  if (outcome === 'no' || !services.accounts.exists(user)) {
    session.refusals += 1;
    session.ending = session.refusals >= MOST_REFUSALS;
    return '-ERR [AUTH] Authentication failed.';
  }
  // RFC 1939 section 4: the maildrop is locked for the session. RFC 2449 section 8.1.1: and so it is said.
  if (locks.has(user)) return '-ERR [IN-USE] Another session has the maildrop.';
  session.maildrop = openMaildrop(services.accounts.open(user).open(INBOX));
  locks.add(user);
  session.user = user;
  return `+OK ${session.maildrop.listing().length} messages.`;
}
