/**
 * Reads one command with its literals. Small literals (names, secrets, search words) stay in memory; the messages of
 * an APPEND go to spool files as they come.
 */
import { parseLine, textOf, type Line } from '#wire/imap/tokens.ts';
import type { LiteralMark } from '#wire/imap/reader.ts';
import { openSpool, type Spool } from '../maildir/spool.ts';
import { replyTo } from './replies.ts';
import { accountOf, diskNameIn, type Reply, type Session } from './session.ts';
import { CausewayError } from '#errors/index.ts';

/** What a line may have, literals of a command without a message may have together. */
const MOST_MEMORY = 64 * 1024;

/** What clients send by one MULTIAPPEND are some dozens; each is a file in the spool until the command has run. */
const MOST_MESSAGES = 1_000;

export type Read = {
  readonly line: Line;
  /** The messages of an APPEND; in `line` empty literals stand for them. */
  readonly messages: readonly Spool[];
  /** The command is answered so and not run. */
  readonly refusal?: Reply;
};

/** @returns undefined at the end of the connection. @throws CausewayError `limit` */
export async function readCommand(session: Session): Promise<Read | undefined> {
  const { input, out } = session;
  const line: Line = [];
  let memory = 0;
  const messages: Spool[] = [];
  let handedOver = false;
  let refusal: Reply | undefined;
  try {
    for (;;) {
      const piece = await input.piece();
      if (piece?.kind !== 'text') break;
      // A copy, as the view keeps its whole chunk alive and a literal may be long in coming.
      line.push(piece.literal ? Buffer.from(piece.bytes) : piece.bytes);
      memory += piece.bytes.length;
      const mark = piece.literal;
      if (!mark) {
        handedOver = true;
        return { line, messages, ...(refusal === undefined ? {} : { refusal }) };
      }
      const isMessage = refusal === undefined && announcesMessage(line);
      if (isMessage && messages.length >= MOST_MESSAGES) throw new CausewayError('limit', 'too many messages in one command');
      let message: Spool | undefined;
      let no = isMessage ? refusalOf(session, line, mark) : tooLarge(mark, memory);
      if (isMessage && no === undefined) {
        try {
          message = openSpool(session.services.accounts.spool);
          messages.push(message);
        } catch (error) {
          no = replyTo(error, 'APPEND') ?? 'NO [SERVERBUG] Internal error.';
        }
      }
      if (no !== undefined && mark.synchronising) {
        input.refuseLiteral();
        return { line, messages: [], refusal: no };
      }
      if (no !== undefined && mark.size > session.services.messageCap) throw new CausewayError('limit', 'a literal is too large');
      refusal ??= no;
      if (mark.synchronising) out.line('+ Go on.');
      const bytes: Buffer[] = [];
      for (;;) {
        const part = await input.piece();
        if (part?.kind !== 'literal') return undefined;
        if (isMessage) refusal ??= spooled(message, part.bytes);
        else if (refusal === undefined) bytes.push(part.bytes);
        if (part.remaining === 0) break;
      }
      if (isMessage) message?.finish();
      else memory += mark.size;
      line.push({ literal: Buffer.concat(bytes) });
    }
    return undefined;
  } finally {
    if (!handedOver) for (const message of messages) message.drop();
  }
}

/** Whether the literal that the line ends in is the message of an APPEND, rather than its mailbox. */
function announcesMessage(line: Line): boolean {
  const first = line[0];
  if (!Buffer.isBuffer(first) || !/^\S+ +APPEND /i.test(first.toString('latin1', 0, 300))) return false;
  try {
    return parseLine(line).length > 2;
  } catch {
    return false;
  }
}

function refusalOf(session: Session, line: Line, mark: LiteralMark): Reply | undefined {
  if (session.user === undefined) return 'BAD Sign in first.';
  if (mark.size > session.services.messageCap) return 'NO [TOOBIG] The message is too large.';
  try {
    const mailbox = parseLine(line)[2];
    textOf(mailbox);
    accountOf(session).open(diskNameIn(session, mailbox));
    return undefined;
  } catch (error) {
    return replyTo(error, 'APPEND') ?? 'NO [SERVERBUG] Internal error.';
  }
}

function tooLarge(mark: LiteralMark, memory: number): Reply | undefined {
  return memory + mark.size > MOST_MEMORY ? 'BAD The command is too long.' : undefined;
}

function spooled(message: Spool | undefined, bytes: Buffer): Reply | undefined {
  try {
    message?.write(bytes);
    return undefined;
  } catch (error) {
    return replyTo(error, 'APPEND') ?? 'NO [SERVERBUG] Internal error.';
  }
}
