/** APPEND. The message is in a spool file by the time this runs (`read-command.ts`). */
import { CausewayError } from '#errors/index.ts';
import { parseInternalDate } from '#wire/imap/date.ts';
import { parseFlags } from '#wire/imap/flags.ts';
import { textOf } from '#wire/imap/tokens.ts';
import { accountOf, type Command, diskNameIn } from '../session.ts';

export const append: Command = {
  when: 'after',
  run(session, args, spool) {
    const last = args.at(-1);
    // MULTIAPPEND is not announced: one message, and nothing behind it.
    if (!spool || last?.kind !== 'string' || last.bytes.length > 0) throw new CausewayError('protocol', 'Expected one message as a literal.');
    const options = args.slice(1, -1);
    const flags = options[0]?.kind === 'list' ? parseFlags(options.shift()) : [];
    const date = options.shift();
    if (options.length > 0) throw new CausewayError('protocol', 'Unknown arguments.');
    const ms = date === undefined ? session.services.clock.now() : parseInternalDate(textOf(date)).epochMs;
    // Asked for again: it may have gone while the message came.
    const mailbox = accountOf(session).open(diskNameIn(session, args[0]));
    const { uid } = mailbox.add({
      file: spool.file,
      size: spool.size(),
      by: 'take',
      flags: mailbox.keywords.bits(flags),
      seconds: Math.floor(ms / 1_000),
    });
    return `OK [APPENDUID ${mailbox.uidValidity} ${uid}] Appended.`;
  },
};
