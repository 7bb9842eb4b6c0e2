/** STATUS. */
import { CausewayError } from '#errors/index.ts';
import { textOf } from '#wire/imap/tokens.ts';
import { SEEN } from '../../maildir/flags.ts';
import type { Mailbox } from '../../maildir/mailbox.ts';
import type { Services } from '../../services.ts';
import { highestModSeq } from '../mod-seq.ts';
import { accountOf, clientName, type Command, diskNameIn, expectArguments } from '../session.ts';

const ITEMS = new Map<string, (mailbox: Mailbox) => number>([
  ['MESSAGES', ({ messages }) => messages.length],
  ['RECENT', () => 0],
  ['UIDNEXT', ({ uidNext }) => uidNext()],
  ['UIDVALIDITY', ({ uidValidity }) => uidValidity],
  ['UNSEEN', ({ messages }) => messages.reduce((count, { flags }) => (flags & SEEN ? count : count + 1), 0)],
]);

/** The line of one mailbox. @throws CausewayError `protocol` for an unknown item */
export function statusLine(name: string, mailbox: Mailbox, items: readonly string[], { condstore, vices }: Pick<Services, 'condstore' | 'vices'>): string {
  const parts = items.map((item) => {
    const count = condstore && item.toUpperCase() === 'HIGHESTMODSEQ' ? () => highestModSeq(vices, mailbox) : ITEMS.get(item.toUpperCase());
    if (!count) throw new CausewayError('protocol', 'Unknown status item.');
    return `${item.toUpperCase()} ${count(mailbox)}`;
  });
  return `* STATUS ${name} (${parts.join(' ')})`;
}

export const status: Command = {
  when: 'after',
  run(session, args) {
    expectArguments(args, 2);
    const disk = diskNameIn(session, args[0]);
    if (args[1]?.kind !== 'list') throw new CausewayError('protocol', 'Expected a list of items.');
    const items = args[1].items.map(textOf);
    session.out.line(statusLine(clientName(session, disk), accountOf(session).open(disk), items, session.services));
    return 'OK Done.';
  },
};
