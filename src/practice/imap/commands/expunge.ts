/** EXPUNGE, and UID EXPUNGE (RFC 4315). The EXPUNGE lines are among the changes that every reply is preceded by. */
import { parseSequenceSet, type Range } from '#wire/imap/sequence-set.ts';
import { textOf } from '#wire/imap/tokens.ts';
import { DELETED } from '../../maildir/flags.ts';
import { type Command, expectArguments, viewOf } from '../session.ts';
import type { View } from '../view.ts';

export function expunge(byUid: boolean): Command {
  return {
    when: 'selected',
    run(session, args) {
      expectArguments(args, byUid ? 1 : 0);
      const view = viewOf(session);
      if (view.readOnly) return 'NO [READ-ONLY] The mailbox is read-only.';
      expungeDeleted(view, byUid ? parseSequenceSet(textOf(args[0])) : undefined);
      return 'OK Expunged.';
    },
  };
}

/** Removes the messages of the view that are \Deleted; with `uids` only those among them. */
export function expungeDeleted(view: View, uids?: readonly Range[]): void {
  const messages = view.messages();
  const candidates = uids ? view.resolve(uids, true).flatMap((number) => messages[number - 1] ?? []) : messages;
  view.mailbox.remove(new Set(candidates.filter((message) => !message.gone && message.flags & DELETED)));
}
