/** CREATE (with USE, RFC 6154), DELETE, RENAME, SUBSCRIBE, UNSUBSCRIBE. */
import { CausewayError } from '#errors/index.ts';
import { textOf, type Token } from '#wire/imap/tokens.ts';
import { decodeUtf7 } from '#wire/imap/utf7.ts';
import { SPECIAL_USES } from '../../maildir/account.ts';
import { diskNameOf } from '../../maildir/names.ts';
import { accountOf, type Command, diskNameIn, expectArguments } from '../session.ts';

export const createCommand: Command = {
  when: 'after',
  run(session, args) {
    expectArguments(args, 1, 2);
    const { separator } = session.services;
    const given = decodeUtf7(textOf(args[0]));
    // A separator at the end says that mailboxes below will follow (RFC 3501 6.3.3).
    const name = given.endsWith(separator) ? given.slice(0, -1) : given;
    accountOf(session).create(diskNameOf(name, separator), usesIn(args[1]));
    return 'OK Created.';
  },
};

/** `(USE (\Sent))` */
function usesIn(token: Token | undefined): string[] {
  if (token === undefined) return [];
  const [word, uses] = token.kind === 'list' ? token.items : [];
  if (uses?.kind !== 'list' || textOf(word).toUpperCase() !== 'USE') throw new CausewayError('protocol', 'Expected (USE (...)).');
  return uses.items.map((item) => {
    const use = SPECIAL_USES.find((known) => known.toLowerCase() === textOf(item).toLowerCase());
    if (use === undefined) throw new CausewayError('refused', 'This special use is not supported.');
    return use;
  });
}

export const deleteCommand: Command = {
  when: 'after',
  run(session, args) {
    expectArguments(args, 1);
    accountOf(session).delete(diskNameIn(session, args[0]));
    return 'OK Deleted.';
  },
};

export const rename: Command = {
  when: 'after',
  run(session, args) {
    expectArguments(args, 2);
    accountOf(session).rename(diskNameIn(session, args[0]), diskNameIn(session, args[1]));
    return 'OK Renamed.';
  },
};

/** A name may be subscribed to that does not exist (RFC 3501 6.3.6 allows it; a deleted mailbox keeps its subscription). */
export const subscribe: Command = {
  when: 'after',
  run(session, args) {
    expectArguments(args, 1);
    const { subscriptions } = accountOf(session);
    // 10,000: as many as there may be mailboxes.
    if (subscriptions.lines.size >= 10_000) throw new CausewayError('limit', 'Too many subscriptions.');
    subscriptions.add(diskNameIn(session, args[0]));
    return 'OK Subscribed.';
  },
};

export const unsubscribe: Command = {
  when: 'after',
  run(session, args) {
    expectArguments(args, 1);
    accountOf(session).subscriptions.remove(diskNameIn(session, args[0]));
    return 'OK Unsubscribed.';
  },
};
