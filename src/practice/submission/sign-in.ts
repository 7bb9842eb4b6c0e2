/** AUTH PLAIN and LOGIN (RFC 4954), and XCLIENT, by which a proxy that is believed signs its client in. */
import { parseAuth } from '#wire/smtp/command.ts';
import { parseXclient } from '#wire/smtp/xclient.ts';
import { decodePlain, decodeText } from '#wire/sasl.ts';
import { type Credentials, judge } from '../judge.ts';
import { forget, type Session } from './session.ts';

/** A connection that was wrong 20 times is cut, after its answer. */
const MOST_REFUSALS = 20;

export async function authenticate(session: Session, rest: string): Promise<string> {
  const { services } = session;
  if (session.user !== undefined) return '503 5.5.1 You are signed in already';
  const auth = parseAuth(rest);
  const credentials = auth?.mechanism === 'PLAIN' ? await plain(session, auth.initial) : auth?.mechanism === 'LOGIN' ? await login(session, auth.initial) : 'other';
  if (credentials === 'other') return '504 5.5.4 Only PLAIN and LOGIN are supported';
  if (credentials === undefined) return '501 5.5.2 Not a response to that mechanism';
  const { user, check } = judge(services, session.port === 'submission-trusted', credentials);
  const entry = { session: session.id, port: session.port, user };
  services.log.write({ ...entry, command: 'AUTH' });
  const outcome = await check();
  services.log.write({ ...entry, result: outcome });
  if (outcome === 'unavailable') return '454 4.7.0 Temporary authentication failure';
  if (outcome === 'no' || !services.accounts.exists(user)) {
    session.refusals += 1;
    session.ending = session.refusals >= MOST_REFUSALS;
    return '535 5.7.8 Authentication failed';
  }
  session.user = user;
  return '235 2.7.0 Signed in';
}

async function ask({ say, lines }: Session, prompt: string): Promise<string> {
  say(`334 ${prompt}`);
  return (await lines.next()) ?? '*';
}

async function plain(session: Session, initial: string | undefined): Promise<Credentials | undefined> {
  return decodePlain(initial ?? (await ask(session, '')));
}

async function login(session: Session, initial: string | undefined): Promise<Credentials | undefined> {
  const authcid = decodeText(initial ?? (await ask(session, 'VXNlcm5hbWU6')));
  const secret = decodeText(await ask(session, 'UGFzc3dvcmQ6'));
  return authcid === undefined || secret === undefined ? undefined : { authzid: '', authcid, secret };
}

/** Begins the session anew for another client, as Postfix does. */
export function takeXclient(session: Session, rest: string): string {
  const { services } = session;
  const attributes = parseXclient(rest);
  if (!services.xclient || session.port !== 'submission') return '550 5.7.0 Not from you';
  if (attributes === undefined) return '501 5.5.4 Expected attributes and their values';
  const user = attributes.get('LOGIN')?.toLowerCase();
  const client = `${attributes.get('ADDR') ?? ''}:${attributes.get('PORT') ?? ''}`;
  services.log.write({ session: session.id, port: session.port, user, command: 'XCLIENT', client });
  forget(session);
  session.user = user !== undefined && services.accounts.exists(user) ? user : undefined;
  return `220 ${services.name} ESMTP`;
}
