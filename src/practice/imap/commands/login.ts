/** LOGIN and AUTHENTICATE PLAIN, by one of the entrances that `judge.ts` knows. */
import { textOf, type Token } from '#wire/imap/tokens.ts';
import { decodePlain } from '#wire/sasl.ts';
import { type Credentials, judge } from '../../judge.ts';
import { capabilitiesOf } from '../capabilities.ts';
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

async function signIn(session: Session, command: string, credentials: Credentials): Promise<Reply> {
  const { user, check } = judge(session.services, session.port === 'trusted', credentials);
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
  return `OK [CAPABILITY ${capabilitiesOf(session.services)}] Signed in.`;
}
