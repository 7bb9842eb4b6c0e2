/** FETCH. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { CausewayError } from '#errors/index.ts';
import { parseSequenceSet } from '#wire/imap/sequence-set.ts';
import { textOf, type Token } from '#wire/imap/tokens.ts';
import { SEEN } from '../../maildir/flags.ts';
import type { Message } from '../../maildir/mailbox.ts';
import { openContent } from '../content.ts';
import type { Vices } from '../../vice.ts';
import { type Item, parseItems } from '../fetch-items.ts';
import { modSeqOf } from '../mod-seq.ts';
import type { Output } from '../output.ts';
import { viceItems } from '../vice-output.ts';
import { type Command, expectArguments, type Session, viewOf } from '../session.ts';

const CHUNK = 64 * 1024;
/** 100 items: more than any client asks for; each may read the message again. */
const MOST_ITEMS = 100;

export function fetch(byUid: boolean): Command {
  return {
    when: 'selected',
    keepsNumbers: !byUid,
    async run(session, args) {
      const { condstore, vices } = session.services;
      expectArguments(args, 2, condstore ? 3 : 2);
      const view = viewOf(session);
      const since = changedSince(args[2]);
      const items = [...viceItems(vices, parseItems(args[1], byUid)), ...(since === undefined ? [] : [modSeqItem(vices)])];
      if (items.length > MOST_ITEMS) throw new CausewayError('limit', 'Too many items.');
      let gone = false;
      for (const number of view.resolve(parseSequenceSet(textOf(args[0])), byUid)) {
        const message = view.messages()[number - 1];
        if (message !== undefined && since !== undefined && modSeqOf(vices, view.mailbox, message) <= since) continue;
        if (message && !message.gone) await one(session, number, message, items);
        else gone = true;
        await session.out.breathe();
      }
      return gone && !byUid ? 'NO [EXPUNGEISSUED] Some of the messages are gone.' : 'OK Fetched.';
    },
  };
}

/** RFC 7162 section 3.1.4.1; VANISHED is not spoken. */
function changedSince(token: Token | undefined): number | undefined {
  if (token === undefined) return undefined;
  const words = token.kind === 'list' ? token.items.map(textOf) : [];
  const since = Number(words[1]);
  if (words.length !== 2 || words[0]?.toUpperCase() !== 'CHANGEDSINCE' || !Number.isSafeInteger(since) || since < 1) {
    throw new CausewayError('protocol', 'Unknown modifier.');
  }
  return since;
}

const modSeqItem = (vices: Vices): Item => ({ label: 'MODSEQ', value: (mailbox, message) => `(${modSeqOf(vices, mailbox, message)})` });

type Part = { readonly label: string; readonly text?: string; readonly handle?: number; readonly start?: number; readonly size?: number };

/** Everything is read or opened before the first byte goes out: what fails then fails the command, not the stream. */
async function one(session: Session, number: number, message: Message, items: readonly Item[]): Promise<void> {
  const { out } = session;
  const view = viewOf(session);
  const { mailbox } = view;
  if (!view.readOnly && items.some(({ reads }) => reads) && !(message.flags & SEEN)) mailbox.setFlags(message, message.flags | SEEN);
  const file = mailbox.pathOf(message);
  const content = openContent(file);
  const parts: Part[] = [];
  try {
    for (const { label, whole, value } of items) {
      if (label === 'FLAGS') view.told(message);
      if (!whole) parts.push({ label, text: value?.(mailbox, message, content) ?? 'NIL' });
      else parts.push({ label, ...open(file, whole) });
    }
    let separator = `* ${number} FETCH (`;
    for (const { label, text, handle, start = 0, size = 0 } of parts) {
      out.part(`${separator}${label} `);
      separator = ' ';
      if (handle === undefined) out.part(text ?? 'NIL');
      else await stream(out, handle, start, size);
    }
    out.line(')');
  } finally {
    for (const { handle } of parts) if (handle !== undefined) closeSync(handle);
  }
}

function open(file: string, { start, count }: NonNullable<Item['whole']>): { handle: number; start: number; size: number } {
  const handle = openSync(file, 'r');
  const { size } = fstatSync(handle);
  const from = Math.min(start, size);
  return { handle, start: from, size: Math.min(count, size - from) };
}

/** A literal straight from the file, in chunks that the client has room for. */
async function stream(out: Output, handle: number, start: number, size: number): Promise<void> {
  out.part(`{${size}}\r\n`);
  for (let done = 0; done < size; ) {
    const buffer = Buffer.allocUnsafe(Math.min(CHUNK, size - done));
    const length = readSync(handle, buffer, 0, buffer.length, start + done);
    if (length === 0) return out.destroy();
    out.part(buffer.subarray(0, length));
    done += length;
    if (done < size) await out.flush();
  }
}
