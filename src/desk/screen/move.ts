/** How an account moves: its route, its wave, its moves, what was refused, what may be missing, the proof, the POP3 ids. One statement. */
import { sql } from 'kysely';
import type { ReceiptBody } from '#mover/hold/receipt.ts';
import type { Store } from '#store/index.ts';
import type { MoveEvidence, ReceiptEvidence, UidlEvidence } from './evidence.ts';
import { ms } from './who.ts';
import { without } from './without.ts';

const MOVES = 5;
const REFUSED = 20;

type Row = { move: MoveEvidence; uidls: UidlEvidence[]; receipt: { moveId: number; at: number; body: string } | null };

export async function readMove(store: Store, accountId: number): Promise<{ move: MoveEvidence; uidls: readonly UidlEvidence[]; receipt?: ReceiptEvidence } | undefined> {
  const { rows } = await sql<Row>`
    select
      jsonb_build_object(
        'phase', r.phase, 'stage', r.stage, 'holdDeadline', ${ms(sql`r.hold_deadline`)},
        'wave', (
          select jsonb_build_object('plan', p.name, 'planState', p.state, 'planReason', p.reason, 'source', p.source, 'target', p.target,
            'number', w.number, 'name', w.name, 'state', w.state, 'startedAt', ${ms(sql`w.started_at`)}, 'endedAt', ${ms(sql`w.ended_at`)})
          from wave_account wa join wave w on w.id = wa.wave_id join plan p on p.id = w.plan_id
          where wa.account_id = r.account_id order by p.id desc, w.number desc limit 1),
        'moves', array(
          select jsonb_build_object('id', m.id, 'source', m.source, 'target', m.target, 'state', m.state, 'back', m.back, 'failure', m.failure, 'error', left(m.error, 500),
            'messages', m.messages, 'bytes', m.bytes, 'copiedMessages', m.copied_messages, 'copiedBytes', m.copied_bytes + m.under_way_bytes, 'backedOut', m.backed_out, 'holdMs', m.hold_ms,
            'requestedAt', ${ms(sql`m.requested_at`)}, 'startedAt', ${ms(sql`m.started_at`)}, 'heldAt', ${ms(sql`m.held_at`)}, 'endedAt', ${ms(sql`m.ended_at`)},
            'followedAt', ${ms(sql`m.followed_at`)}, 'backUntil', ${ms(sql`m.back_until`)})
          from move m where m.account_id = r.account_id order by m.id desc limit ${MOVES}),
        'refused', array(
          select jsonb_build_object('mailbox', f.mailbox, 'bytes', f.size, 'failure', f.failure, 'reason', left(f.reason, 300), 'decided', f.decided_at is not null)
          from refused f where f.account_id = r.account_id order by f.decided_at is not null, f.mailbox, f.source_uid limit ${REFUSED}),
        'refusedTotal', (select count(*) from refused f where f.account_id = r.account_id),
        'loss', (
          select jsonb_build_object('platform', o.platform, 'followedAt', ${ms(sql`o.followed_at`)}, 'at', ${ms(sql`o.at`)}, 'mergedAt', ${ms(sql`o.merged_at`)}, 'givenUpAt', ${ms(sql`o.given_up_at`)})
          from loss o where o.account_id = r.account_id order by o.at desc limit 1)
      ) as move,
      array(
        select jsonb_build_object('platform', u.platform, 'epoch', u.epoch, 'marked', u.marked, 'kept', case when u.kept = '' then 0 else length(u.kept) - length(replace(u.kept, E'\\n', '')) + (case when right(u.kept, 1) = E'\\n' then 0 else 1 end) end)
        from uidl u where u.account_id = r.account_id order by u.epoch desc) as uidls,
      (
        select jsonb_build_object('moveId', c.move_id, 'at', ${ms(sql`c.at`)}, 'body', c.body)
        from receipt c where c.account_id = r.account_id order by c.id desc limit 1) as receipt
    from route r where r.account_id = ${accountId}
  `.execute(store.db());
  const [row] = rows;
  if (row === undefined) return undefined;
  return { move: without(row.move), uidls: row.uidls, ...(row.receipt === null ? {} : { receipt: receiptOf(row.receipt) }) };
}

function receiptOf({ moveId, at, body }: { moveId: number; at: number; body: string }): ReceiptEvidence {
  const { source, target, mailboxes, readBack, unfenced, refused } = JSON.parse(body) as ReceiptBody;
  const sum = (of: (side: ReceiptBody['mailboxes'][number]['target']) => number): number => mailboxes.reduce((total, pair) => total + of(pair.target), 0);
  const classes = new Map<string, number>();
  for (const { failure } of refused) classes.set(failure, (classes.get(failure) ?? 0) + 1);
  return {
    moveId, at, source, target, readBack, unfenced,
    mailboxes: mailboxes.length,
    messages: sum(({ count }) => count),
    bytes: sum(({ bytes }) => bytes),
    refused: [...classes].map(([failure, messages]) => ({ failure, messages })),
  };
}
