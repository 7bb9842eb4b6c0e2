/** What one request to the mail methods shares: the account's access, and its mailboxes, read once until something is changed. */
import type { Limits } from '../jmap/limits.ts';
import type { MailAccess } from '../mail-access.ts';
import { chosenRoles } from './chosen-roles.ts';
import { createHearing } from './hearing.ts';
import { arrange, type Mailboxes, surveyMailboxes } from './mailboxes.ts';

export type MailContext = {
  readonly access: MailAccess;
  readonly limits: Limits;
  mailboxes(): Promise<Mailboxes>;
  /** After how many writes of ours they were read. Undefined: one was under way meanwhile, and may be counted or not. */
  readAfter(): number | undefined;
  /** Something was changed at the platform by this request. */
  changed(): void;
  onFault(error: unknown): void;
};

export function createMailContext(given: MailAccess, limits: Limits, onFault: (error: unknown) => void): MailContext {
  const { access, heard } = createHearing(given);
  const { writes } = access.memory;
  let read: Promise<Mailboxes> | undefined;
  let readAfter: number | undefined;

  async function readNow(): Promise<Mailboxes> {
    const before = writes.open === 0 ? writes.count : undefined;
    const survey = access.imap((connection) => {
      // What comes while it is read is told with it.
      heard(connection);
      return surveyMailboxes(connection);
    });
    const [surveyed, chosen] = await Promise.all([survey, chosenRoles(access)]);
    const mailboxes = arrange(surveyed, access.memory, chosen);
    readAfter = writes.open === 0 && writes.count === before ? before : undefined;
    await access.past?.noteMailboxes(mailboxes.all);
    return mailboxes;
  }

  return {
    access,
    limits,
    onFault,
    mailboxes() {
      read ??= readNow();
      read.catch(() => {
        read = undefined;
      });
      return read;
    },
    readAfter: () => readAfter,
    changed() {
      writes.count += 1;
      read = undefined;
    },
  };
}
