/** APPEND, of one or several messages (RFC 3502). The messages are in spool files by the time this runs (`read-command.ts`). */
import { CausewayError } from '#errors/index.ts';
import { parseInternalDate } from '#wire/imap/date.ts';
import { parseFlags } from '#wire/imap/flags.ts';
import { textOf, type Token } from '#wire/imap/tokens.ts';
import type { Message } from '../../maildir/mailbox.ts';
import type { Spool } from '../../maildir/spool.ts';
import { accountOf, type Command, diskNameIn, overQuota } from '../session.ts';

export const append: Command = {
  when: 'after',
  run(session, [name, ...args], spools) {
    const wanted = messagesOf(args, spools);
    // Asked for again: it may have gone while the message came.
    const mailbox = accountOf(session).open(diskNameIn(session, name));
    const dated = wanted.map(({ date, ...rest }) => ({ ...rest, ms: date === undefined ? session.services.clock.now() : parseInternalDate(textOf(date)).epochMs }));
    const refusal = overQuota(session, spools.reduce((sum, spool) => sum + spool.size(), 0));
    if (refusal !== undefined) return refusal;
    const added: Message[] = [];
    try {
      for (const { spool, flags, ms } of dated) {
        added.push(mailbox.add({ file: spool.file, size: spool.size(), by: 'take', flags: mailbox.keywords.bits(flags), seconds: Math.floor(ms / 1_000) }));
      }
    } catch (error) {
      mailbox.remove(new Set(added)); // all or none
      throw error;
    }
    const uids = added.length === 1 ? String(added[0]!.uid) : `${added[0]!.uid}:${added.at(-1)!.uid}`;
    return `OK [APPENDUID ${mailbox.uidValidity} ${uids}] Appended.`;
  },
};

/** Each message is flags and a date, if they are given, and a literal. */
function messagesOf(args: readonly Token[], spools: readonly Spool[]): { spool: Spool; flags: string[]; date: Token | undefined }[] {
  const left = [...args];
  const found = spools.map((spool) => {
    const flags = left[0]?.kind === 'list' ? parseFlags(left.shift()) : [];
    const date = isLiteral(left[0]) ? undefined : left.shift();
    if (!isLiteral(left.shift())) throw new CausewayError('protocol', 'Expected a message as a literal.');
    return { spool, flags, date };
  });
  if (found.length === 0 || left.length > 0) throw new CausewayError('protocol', 'Expected one message or several as literals.');
  return found;
}

/** What stands for a message in its line; a date is never empty. */
function isLiteral(token: Token | undefined): boolean {
  return token?.kind === 'string' && token.bytes.length === 0;
}
