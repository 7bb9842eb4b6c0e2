/**
 * The LMTP server (RFC 2033): takes messages into INBOX.
 *
 * Invariants: a message's bytes are kept as they came, lone CR and bare LF included, with one Return-Path line in front
 * (RFC 5321 4.4: the final delivery adds it). Every recipient has an answer of its own, given once the message is in
 * the mailbox. Nothing of a message whose end did not come is delivered.
 */
import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { openSpool, type Spool } from '../maildir/spool.ts';
import type { Services } from '../services.ts';
import { createLines } from './lines.ts';
import { deliver, receive } from './message.ts';

/** RFC 5321 4.5.3.1.8 asks for at least 100. */
const MOST_RECIPIENTS = 1_000;
/** RFC 5321 4.5.3.2.7. */
const IDLE_MS = 5 * 60_000;
const MOST_BAD = 100;

type Transaction = { sender: string | undefined; recipients: { given: string; user: string }[] };

export async function serveLmtp(socket: Socket, services: Services): Promise<void> {
  const session = randomBytes(6).toString('hex');
  const lines = createLines(socket);
  const fresh = (): Transaction => ({ sender: undefined, recipients: [] });
  let transaction = fresh();
  let bad = 0;

  socket.on('error', () => {});
  socket.setTimeout(IDLE_MS, () => socket.destroy());
  const say = (text: string): void => void socket.write(`${text}\r\n`);
  const log = (recipient: string, result: string): void => services.log.write({ session, port: 'lmtp', recipient, result });

  function mail(line: string): string {
    const [, sender] = /^MAIL FROM: ?<([^<>\r]*)>(?: .*)?$/i.exec(line) ?? [];
    const size = Number(/ SIZE=(\d+)/i.exec(line)?.[1] ?? 0);
    if (sender === undefined) return '501 5.5.4 Expected MAIL FROM:<address>';
    if (transaction.sender !== undefined) return '503 5.5.1 There is a sender already';
    if (size > services.messageCap) return '552 5.3.4 The message is too large';
    transaction.sender = sender;
    return '250 2.1.0 OK';
  }

  function rcpt(line: string): string {
    const [, given] = /^RCPT TO: ?<([^<>\r]+)>(?: .*)?$/i.exec(line) ?? [];
    if (given === undefined) return '501 5.5.4 Expected RCPT TO:<address>';
    if (transaction.sender === undefined) return '503 5.5.1 MAIL first';
    if (transaction.recipients.length >= MOST_RECIPIENTS) return '452 4.5.3 Too many recipients';
    // `user+detail@domain` is the user's unless it is a user itself.
    const user = [given, given.replace(/\+[^@]*(?=@|$)/, '')].find(services.accounts.exists);
    log(given, user === undefined ? '550' : '250');
    if (user === undefined) return '550 5.1.1 No such user';
    transaction.recipients.push({ given, user });
    return '250 2.1.5 OK';
  }

  async function data(): Promise<boolean> {
    if (transaction.recipients.length === 0) {
      say('503 5.5.1 There are no recipients');
      return true;
    }
    let spool: Spool;
    try {
      spool = openSpool(services.accounts.spool);
    } catch {
      say('451 4.3.1 There is no room for a message');
      return true;
    }
    say('354 Go on, and end with a dot');
    try {
      const refusal = await receive(lines, spool, transaction.sender ?? '', services.messageCap);
      if (refusal === 'gone') return false;
      for (const { given, user } of transaction.recipients) {
        const answer = refusal ?? deliver(services, spool, user);
        log(given, answer.slice(0, 3));
        say(answer);
      }
      return true;
    } finally {
      spool.drop();
      transaction = fresh();
    }
  }

  say(`220 ${services.name} LMTP`);
  for (;;) {
    const line = bad < MOST_BAD ? await lines.next() : undefined;
    if (line === undefined) break;
    const verb = /^[a-z]+/i.exec(line)?.[0].toUpperCase() ?? '';
    if (verb === 'QUIT') {
      say('221 2.0.0 Goodbye');
      break;
    }
    if (verb === 'DATA') {
      if (!(await data())) break;
      continue;
    }
    let reply = '500 5.5.2 Unknown command';
    if (verb === 'LHLO') {
      transaction = fresh();
      const extensions = ['PIPELINING', 'ENHANCEDSTATUSCODES', '8BITMIME', 'SMTPUTF8'].map((name) => `250-${name}\r\n`);
      reply = `250-${services.name}\r\n${extensions.join('')}250 SIZE ${services.messageCap}`;
    } else if (verb === 'MAIL') reply = mail(line);
    else if (verb === 'RCPT') reply = rcpt(line);
    else if (verb === 'RSET') {
      transaction = fresh();
      reply = '250 2.0.0 OK';
    } else if (verb === 'NOOP') reply = '250 2.0.0 OK';
    else if (verb === 'VRFY') reply = '252 2.5.0 Try it';
    bad = reply.startsWith('50') ? bad + 1 : 0;
    say(reply);
  }
  socket.end();
  socket.setTimeout(5_000, () => socket.destroy());
  socket.resume();
}
