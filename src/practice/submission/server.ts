/**
 * The submission server (RFC 6409, RFC 4954): takes messages from signed-in users, for the platform's own users or for
 * its next hop.
 *
 * Invariants: no bytes from the network end the process. A command is in the access log before it runs, and each
 * recipient of a message after its delivery. Nothing is taken from anybody who is not signed in; nothing of a message
 * whose end did not come is delivered.
 */
import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { type Command, parseCommand, parsePath } from '#wire/smtp/command.ts';
import { createLines } from '../lmtp/lines.ts';
import { deliver, receive, returnPath } from '../lmtp/message.ts';
import { openSpool, type Spool } from '../maildir/spool.ts';
import type { Services } from '../services.ts';
import { openNextHop } from './next-hop.ts';
import { forget, type Session } from './session.ts';
import { authenticate, takeXclient } from './sign-in.ts';

/** RFC 5321 4.5.3.1.8 asks for at least 100. */
const MOST_RECIPIENTS = 1_000;
/** RFC 5321 4.5.3.2.7. */
const IDLE_MS = 5 * 60_000;
/** A client that says nothing right 100 times in a row is none. */
const MOST_BAD = 100;

const KNOWN = new Set(['EHLO', 'HELO', 'MAIL', 'RCPT', 'DATA', 'RSET', 'NOOP', 'VRFY', 'QUIT', 'STARTTLS']);
/** These write their own line, with the name that they carry. */
const THEIR_OWN = new Set(['AUTH', 'XCLIENT']);

export async function serveSubmission(socket: Socket, port: Session['port'], services: Services): Promise<void> {
  const session: Session = {
    services,
    id: randomBytes(6).toString('hex'),
    port,
    lines: createLines(socket),
    say: (text) => void socket.write(`${text}\r\n`),
    user: undefined,
    sender: undefined,
    recipients: [],
    hop: undefined,
    ending: false,
    refusals: 0,
  };
  socket.on('error', () => {});
  socket.setTimeout(IDLE_MS, () => socket.destroy());
  session.say(`220 ${services.name} ESMTP`);
  for (let bad = 0; !session.ending && bad < MOST_BAD; ) {
    const line = await session.lines.next();
    if (line === undefined) break;
    const reply = await answer(session, line);
    if (reply === undefined) break;
    session.say(reply);
    bad = reply.startsWith('5') ? bad + 1 : 0;
  }
  forget(session);
  socket.end();
  // A client that does not close its side is not waited for.
  socket.setTimeout(5_000, () => socket.destroy());
  socket.resume();
}

/** @returns the last reply; undefined when the client is gone */
async function answer(session: Session, line: string): Promise<string | undefined> {
  const command = parseCommand(Buffer.from(line));
  const verb = command?.verb ?? '';
  if (!THEIR_OWN.has(verb)) session.services.log.write({ session: session.id, port: session.port, user: session.user, command: KNOWN.has(verb) ? verb : 'unknown' });
  if (command === undefined) return '500 5.5.2 That is no command';
  switch (verb) {
    case 'EHLO':
      forget(session);
      return hello(session);
    case 'HELO':
      forget(session);
      return `250 ${session.services.name}`;
    case 'AUTH':
      return authenticate(session, command.rest);
    case 'XCLIENT':
      return takeXclient(session, command.rest);
    case 'NOOP':
      return '250 2.0.0 OK';
    case 'RSET':
      forget(session);
      return '250 2.0.0 OK';
    case 'QUIT':
      session.ending = true;
      return '221 2.0.0 Goodbye';
    case 'MAIL':
    case 'RCPT':
    case 'DATA':
      if (session.user === undefined) return '530 5.7.0 Sign in first';
      return verb === 'MAIL' ? mail(session, command) : verb === 'RCPT' ? rcpt(session, command) : data(session);
    default:
      return '502 5.5.1 Unknown command';
  }
}

function hello({ services, port }: Session): string {
  const { name, messageCap, xclient } = services;
  const keywords = ['PIPELINING', `SIZE ${messageCap}`, '8BITMIME', 'ENHANCEDSTATUSCODES', 'SMTPUTF8', 'AUTH PLAIN LOGIN', ...(xclient && port === 'submission' ? ['XCLIENT NAME ADDR PORT PROTO HELO LOGIN'] : [])];
  return [name, ...keywords].map((text, at) => `250${at === keywords.length ? ' ' : '-'}${text}`).join('\r\n');
}

function mail(session: Session, { rest }: Command): string {
  const path = parsePath(rest, 'FROM');
  if (path === undefined) return '501 5.5.4 Expected MAIL FROM:<address>';
  if (session.sender !== undefined) return '503 5.5.1 There is a sender already';
  if (Number(path.parameters.get('SIZE') ?? 0) > session.services.messageCap) return '552 5.3.4 The message is too large';
  session.sender = path.address;
  return '250 2.1.0 OK';
}

async function rcpt(session: Session, { rest }: Command): Promise<string> {
  const { accounts, nextHop, clock } = session.services;
  const given = parsePath(rest, 'TO')?.address ?? '';
  if (given === '') return '501 5.5.4 Expected RCPT TO:<address>';
  if (session.sender === undefined) return '503 5.5.1 MAIL first';
  if (session.recipients.length >= MOST_RECIPIENTS) return '452 4.5.3 Too many recipients';
  const address = nextHop();
  if (address !== undefined) {
    try {
      session.hop ??= await openNextHop(address, session.sender, clock);
    } catch {
      return '451 4.3.0 The next hop does not take mail now';
    }
    const replied = await session.hop.rcpt(given);
    if (replied.startsWith('2')) session.recipients.push({ given, user: undefined });
    return replied;
  }
  // `user+detail@domain` is the user's unless it is a user itself.
  const user = [given, given.replace(/\+[^@]*(?=@|$)/, '')].find(accounts.exists);
  if (user === undefined) return '550 5.1.1 No such user';
  session.recipients.push({ given, user });
  return '250 2.1.5 OK';
}

async function data(session: Session): Promise<string | undefined> {
  const { services, recipients, sender = '' } = session;
  if (recipients.length === 0) return '503 5.5.1 There are no recipients';
  let spool: Spool;
  try {
    spool = openSpool(services.accounts.spool);
  } catch {
    return '451 4.3.1 There is no room for a message';
  }
  session.say('354 Go on, and end with a dot');
  try {
    const refusal = await receive(session.lines, spool, sender, services.messageCap);
    if (refusal !== undefined) return refusal === 'gone' ? undefined : refusal;
    const handedOn = await session.hop?.send(spool.file, Buffer.byteLength(returnPath(sender)));
    const answers = recipients.map(({ given, user }) => {
      const result = handedOn ?? deliver(services, spool, user!);
      services.log.write({ session: session.id, port: session.port, user: session.user, recipient: given, result: result.slice(0, 3) });
      return result;
    });
    // One answer for all: rather a copy twice than one lost.
    return handedOn ?? answers.find((each) => !each.startsWith('2')) ?? '250 2.0.0 Delivered';
  } finally {
    spool.drop();
    forget(session);
  }
}
