/** An account's outbox, for one request: see `Outbox` of mail-access.ts. */
import type { Store } from '#store/index.ts';
import { CausewayError } from '#errors/index.ts';
import type { Pass } from '#signin/pass.ts';
import type { Outbox, Submitted } from '../mail-access.ts';
import { addRow, cancelRow, listRows, type OutboxRow, WAITING_LIMIT, waitingOf } from './rows.ts';

export type OutboxOf = (pass: Pass) => Outbox;

/** @param due told when a mail is to be sent (ms since the epoch) */
export function createOutboxOf({ store, due }: { store: Store; due: (sendAt: number) => void }): OutboxOf {
  return ({ accountId, version }) => ({
    async hold(mail) {
      const waiting = await waitingOf(store, accountId).catch(() => undefined);
      if (waiting === undefined) return false;
      if (waiting >= WAITING_LIMIT) throw new CausewayError('limit', 'too many mails of the account wait to be sent', { customerText: 'Too many messages wait to be sent.' });
      const held = await addRow(store, { accountId, version }, mail);
      if (held) due(mail.sendAt.getTime());
      return held;
    },
    cancel: (id) => cancelRow(store, accountId, id),
    list: async () => (await listRows(store, accountId).catch(() => [])).map(submittedOf),
  });
}

function submittedOf(row: OutboxRow): Submitted {
  const { id, emailId, identityId, threadId, mailFrom, rcptTo, sendAt, filing, state } = row;
  const undoStatus = state === 'waiting' || state === 'taken' ? 'pending' : state === 'canceled' ? 'canceled' : 'final';
  const told = state === 'sent' || state === 'filing' ? { reply: '250 2.0.0 sent', isRefused: false } : undefined;
  const failed = state === 'refused' || state === 'unknown' ? { reply: row.reply ?? '', isRefused: state === 'refused' } : told;
  return { id, emailId, identityId, threadId, mailFrom, rcptTo, sendAt, filing, undoStatus, ...(failed === undefined ? {} : { answer: failed }) };
}
