/** SELECT, EXAMINE, CLOSE, UNSELECT. */
import { SEEN } from '../../maildir/flags.ts';
import { accountOf, type Command, diskNameIn, expectArguments, type Reply, type Session, viewOf } from '../session.ts';
import { highestModSeq } from '../mod-seq.ts';
import { createView } from '../view.ts';
import { expungeDeleted } from './expunge.ts';
import type { Token } from '#wire/imap/tokens.ts';

export const select: Command = { when: 'after', run: (session, args) => open(session, args, false) };
export const examine: Command = { when: 'after', run: (session, args) => open(session, args, true) };

function open(session: Session, args: readonly Token[], readOnly: boolean): Reply {
  // A parameter list can only be (CONDSTORE), which changes nothing here.
  expectArguments(args, 1, 2);
  // A failed SELECT leaves nothing selected (RFC 3501 6.3.1).
  leave(session);
  const mailbox = accountOf(session).open(diskNameIn(session, args[0]));
  const view = createView(mailbox, readOnly);
  session.view = view;
  const { out } = session;
  for (const line of view.flagLines()) out.line(line);
  out.line(`* ${view.messages().length} EXISTS`);
  out.line('* 0 RECENT');
  const unseen = view.messages().findIndex((message) => (message.flags & SEEN) === 0);
  if (unseen >= 0) out.line(`* OK [UNSEEN ${unseen + 1}] First unseen message.`);
  out.line(`* OK [UIDVALIDITY ${mailbox.uidValidity}] UIDs are valid.`);
  out.line(`* OK [UIDNEXT ${mailbox.uidNext()}] Predicted next UID.`);
  if (session.services.condstore) out.line(`* OK [HIGHESTMODSEQ ${highestModSeq(session.services.vices, mailbox)}] Highest.`);
  return readOnly ? 'OK [READ-ONLY] Examining.' : 'OK [READ-WRITE] Selected.';
}

function leave(session: Session): void {
  session.view?.close();
  session.view = undefined;
}

export const close: Command = {
  when: 'selected',
  run(session) {
    const view = viewOf(session);
    // RFC 3501 6.4.2: expunges without telling, unless read-only.
    if (!view.readOnly && !view.lost()) expungeDeleted(view);
    leave(session);
    return 'OK Closed.';
  },
};

/** RFC 3691. */
export const unselect: Command = {
  when: 'selected',
  run(session) {
    leave(session);
    return 'OK Unselected.';
  },
};
