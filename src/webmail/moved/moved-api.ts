/** Tells a customer, once, that the mailbox was moved, and what was verified: `GET /api/moved`, `POST /api/moved/seen`. */
import type { App } from '#http/app.ts';
import { type Arrival, lastArrival, losses, type ReceiptBody } from '#mover/index.ts';
import type { Store } from '#store/index.ts';
import { bodyOf } from '#http/body.ts';
import type { Who } from '../who.ts';
import { type Moved, seenBody } from './api.ts';
import { lastSeen, noteSeen } from './table.ts';

/** Who did not come for so long, has other things to ask. */
const TOLD_MS = 60 * 86_400_000;

export function addMovedApi(app: App, { who, store, now }: { readonly who: Who; readonly store: Store; readonly now: () => number }): void {
  app.get('/api/moved', async (c) => {
    const { accountId } = await who(c);
    const arrival = await lastArrival(store, accountId);
    if (arrival === undefined) return c.json({ moved: null });
    const [seen, lost] = await Promise.all([lastSeen(store, accountId), losses(store, [accountId])]);
    const isSeen = (seen !== undefined && seen >= arrival.id) || now() - arrival.at.getTime() > TOLD_MS;
    const loss = lost.findLast(({ platform }) => platform === arrival.source);
    const missing = arrival.receipt !== undefined || loss === undefined ? null : { since: loss.followedAt.toISOString(), isOver: loss.mergedAt !== null };
    return c.json({ moved: { ...movedOf(arrival), isSeen, missing } satisfies Moved });
  });

  app.post('/api/moved/seen', async (c) => {
    const { accountId } = await who(c);
    const { id } = await bodyOf(c, seenBody);
    await store.transaction((tx) => noteSeen(tx, accountId, id));
    return c.json({});
  });
}

function movedOf({ id, source, target, at, receipt }: Arrival): Omit<Moved, 'isSeen' | 'missing'> {
  return { id, from: source, to: target, at: at.toISOString(), verified: receipt === undefined ? null : verifiedBy(receipt) };
}

function verifiedBy({ mailboxes, readBack, filters, uidls, mapped = [], refused }: ReceiptBody): NonNullable<Moved['verified']> {
  return {
    mailboxes: mailboxes.length,
    messages: mailboxes.reduce((sum, { target }) => sum + target.count, 0),
    bytes: mailboxes.reduce((sum, { target }) => sum + target.bytes, 0),
    readBack,
    filters: filters?.length ?? null,
    pop3Ids: uidls?.count ?? null,
    mapped: mapped.map(({ mailbox, as }) => ({ mailbox, as })),
    refused: refused.map(({ mailbox, size }) => ({ mailbox, bytes: size })),
  };
}
