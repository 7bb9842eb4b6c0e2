/** What one request to the mail methods shares: the account's access, and its mailboxes, read once until something is changed. */
import type { Limits } from '../jmap/limits.ts';
import type { MailAccess } from '../mail-access.ts';
import { rolesIn } from './chosen-roles.ts';
import { createHearing } from './hearing.ts';
import { type MailboxOrder, orderIn } from './mailbox-order.ts';
import { arrange, type Mailboxes, surveyMailboxes } from './mailboxes.ts';

export type OrderedMailboxes = Mailboxes & { readonly order: MailboxOrder };

export type MailContext = {
  readonly access: MailAccess;
  readonly limits: Limits;
  mailboxes(): Promise<OrderedMailboxes>;
  /** After how many writes of ours they were read. Undefined: one was under way meanwhile, and may be counted or not. */
  readAfter(): number | undefined;
  /** Something was changed by this request, at the platform or in what is kept of the mailboxes. */
  changed(): void;
  onFault(error: unknown): void;
};

export function createMailContext(given: MailAccess, limits: Limits, onFault: (error: unknown) => void): MailContext {
  const { access, heard } = createHearing(given);
  const { writes } = access.memory;
  let read: Promise<OrderedMailboxes> | undefined;
  let readAfter: number | undefined;

  async function readNow(): Promise<OrderedMailboxes> {
    const before = writes.open === 0 ? writes.count : undefined;
    const survey = access.imap((connection) => {
      // What comes while it is read is told with it.
      heard(connection);
      return surveyMailboxes(connection);
    });
    // One question to the store.
    const [surveyed, [roles, order] = []] = await Promise.all([survey, access.settings?.readAll(['mailboxRoles', 'mailboxOrder'])]);
    const mailboxes = { ...arrange(surveyed, access.memory, rolesIn(roles)), order: orderIn(order) };
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
