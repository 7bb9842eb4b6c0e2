/** GETQUOTAROOT and GETQUOTA (RFC 9208): one root for all mailboxes, and STORAGE alone, in units of 1,024 bytes. */
import { textOf } from '#wire/imap/tokens.ts';
import { limitOf, usedBy } from '../../quota.ts';
import { accountOf, clientName, type Command, diskNameIn, expectArguments, type Session } from '../session.ts';

const ROOT = 'account';

export const getQuotaRoot: Command = {
  when: 'after',
  run(session, args) {
    expectArguments(args, 1);
    const limit = limitOf(session.services);
    if (limit === undefined) return 'BAD Unknown command.';
    const name = diskNameIn(session, args[0]);
    accountOf(session).open(name);
    session.out.line(`* QUOTAROOT ${clientName(session, name)} ${ROOT}`);
    tell(session, limit);
    return 'OK Done.';
  },
};

export const getQuota: Command = {
  when: 'after',
  run(session, args) {
    expectArguments(args, 1);
    const limit = limitOf(session.services);
    if (limit === undefined) return 'BAD Unknown command.';
    if (textOf(args[0]) !== ROOT) return 'NO [NONEXISTENT] There is no such quota root.';
    tell(session, limit);
    return 'OK Done.';
  },
};

function tell(session: Session, limit: number): void {
  session.out.line(`* QUOTA ${ROOT} (STORAGE ${Math.ceil(usedBy(accountOf(session)) / 1_024)} ${Math.floor(limit / 1_024)})`);
}
