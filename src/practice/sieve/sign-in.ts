/** AUTHENTICATE PLAIN (RFC 5804 section 2.1), by one of the entrances that `judge.ts` knows. */
import { join } from 'node:path';
import { parseLine, textOf, type Token } from '#wire/imap/tokens.ts';
import { decodePlain } from '#wire/sasl.ts';
import { judge } from '../judge.ts';
import { maildirOf } from '../maildir/accounts.ts';
import { openScripts } from './scripts.ts';
import { no, ok, type Reply, type Session } from './session.ts';

/** A connection that was wrong 20 times is cut, after its answer. */
const MOST_REFUSALS = 20;

export async function authenticate(session: Session, [mechanism, initial]: readonly Token[]): Promise<Reply> {
  const { services } = session;
  if (mechanism === undefined || textOf(mechanism).toUpperCase() !== 'PLAIN') return no('Only PLAIN is supported.');
  const response = initial === undefined ? await askForResponse(session) : textOf(initial);
  const plain = response === undefined ? undefined : decodePlain(response);
  if (plain === undefined) return no(response === '*' ? 'Cancelled.' : 'Not a PLAIN response.');
  const { user, check } = judge(services, session.port === 'sieve-trusted', plain);
  const entry = { session: session.id, port: session.port, user };
  services.log.write({ ...entry, command: 'AUTHENTICATE' });
  const outcome = await check();
  services.log.write({ ...entry, result: outcome });
  if (outcome === 'unavailable') return no('Temporary authentication failure.', 'TRYLATER');
  if (outcome === 'no' || !services.accounts.exists(user)) {
    session.refusals += 1;
    session.ending = session.refusals >= MOST_REFUSALS;
    return no('Authentication failed.');
  }
  session.user = user;
  session.scripts = openScripts(join(maildirOf(services.folder, user), '..', 'sieve'));
  return ok('Signed in.');
}

/** The challenge of a mechanism that has none is an empty string. */
async function askForResponse({ out, line }: Session): Promise<string | undefined> {
  out.line('""');
  await out.flush();
  const answer = await line();
  return answer === undefined ? undefined : textOf(parseLine(answer)[0]);
}
