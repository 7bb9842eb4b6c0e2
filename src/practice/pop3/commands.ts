/** What a signed-in client may ask (RFC 1939, RFC 2449). */
import { argumentsOf, type Command } from '#wire/pop3/command.ts';
import type { Message } from '../maildir/mailbox.ts';
import { sendMessage } from './content.ts';
import type { Maildrop } from './maildrop.ts';
import type { Reply, Session } from './session.ts';

type Run = (session: Session, maildrop: Maildrop, words: readonly string[]) => Reply | Promise<Reply>;

/** Of a header that only IMAP shows. */
const RETURN_PATH = 'Return-Path: <>\r\n'.length;

const NONE = '-ERR There is no such message.';

const RUN: ReadonlyMap<string, Run> = new Map<string, Run>([
  ['STAT', (_, maildrop) => `+OK ${total(maildrop)}`],
  ['LIST', (session, maildrop, words) => list(session, maildrop, words, (message) => String(maildrop.sizeOf(message) + (session.services.vices.has('pop3-counts-otherwise') ? RETURN_PATH : 0)))],
  ['UIDL', (session, maildrop, words) => list(session, maildrop, words, maildrop.uniqueId)],
  ['RETR', (session, maildrop, words) => retrieve(session, maildrop, words, 1)],
  ['TOP', (session, maildrop, words) => retrieve(session, maildrop, words, 2)],
  ['DELE', dele],
  ['NOOP', () => '+OK'],
  ['RSET', reset],
  ['QUIT', quit],
]);

const OTHERS = new Set(['CAPA', 'USER']);

/** Whether the name may be in the log: what is no command may be a secret that went astray. */
export const isKnown = (name: string): boolean => RUN.has(name) || OTHERS.has(name);

export function runCommand(session: Session, maildrop: Maildrop, command: Command): Reply | Promise<Reply> {
  const run = RUN.get(command.name);
  return run === undefined ? '-ERR Unknown command.' : run(session, maildrop, argumentsOf(command));
}

function total(maildrop: Maildrop): string {
  const all = maildrop.listing();
  return `${all.length} ${all.reduce((sum, { message }) => sum + maildrop.sizeOf(message), 0)}`;
}

/** A number of one message, as RFC 1939 has it: digits, from 1 on. */
function named(maildrop: Maildrop, word: string | undefined): Message | undefined {
  return word !== undefined && /^\d{1,9}$/.test(word) ? maildrop.find(Number(word)) : undefined;
}

function list({ out }: Session, maildrop: Maildrop, words: readonly string[], tell: (message: Message) => string): Reply {
  const [word] = words;
  if (word !== undefined) {
    const message = named(maildrop, word);
    return message === undefined ? NONE : `+OK ${Number(word)} ${tell(message)}`;
  }
  out.line('+OK');
  for (const { number, message } of maildrop.listing()) out.line(`${number} ${tell(message)}`);
  return '.';
}

async function retrieve({ out }: Session, maildrop: Maildrop, words: readonly string[], count: 1 | 2): Promise<Reply> {
  const [word, lines] = words;
  const message = named(maildrop, word);
  if (words.length !== count || (lines !== undefined && !/^\d{1,9}$/.test(lines))) return '-ERR Wrong arguments.';
  if (message === undefined) return NONE;
  await sendMessage(out, maildrop.pathOf(message), lines === undefined ? undefined : Number(lines));
  return undefined;
}

function dele(_: Session, maildrop: Maildrop, words: readonly string[]): Reply {
  const message = named(maildrop, words[0]);
  if (message === undefined) return NONE;
  maildrop.mark(message);
  return '+OK Marked.';
}

function reset(_: Session, maildrop: Maildrop): Reply {
  maildrop.unmarkAll();
  return '+OK';
}

/** RFC 1939 section 6: only here is anything deleted. */
function quit(session: Session, maildrop: Maildrop): Reply {
  session.ending = true;
  maildrop.commit();
  return '+OK Goodbye.';
}
