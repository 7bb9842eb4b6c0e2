/** A pass over all mailboxes of an account. Invariant: a pair that stands where it stood is not looked into, but in a whole pass. */
import { sql } from 'kysely';
import type { Tx } from '#store/index.ts';
import { createAhead, readEarly } from './ahead.ts';
import type { Early } from './ahead.ts';
import { lanesFor, overLanes } from './lanes.ts';
import { noteMerged } from '../back/merge.ts';
import { selectTarget } from '../mailboxes/open-pair.ts';
import { INBOX } from '../mailboxes/names.ts';
import { survey } from '../mailboxes/pairs.ts';
import type { Pair } from '../mailboxes/pairs.ts';
import { passMailbox } from './pass.ts';
import { findUnchanged } from '../mailboxes/standing.ts';
import type { Standing } from '../tables.ts';
import { askTotals, noteTotals } from '../mailboxes/totals.ts';
import type { Asked } from '../mailboxes/totals.ts';
import type { Visit } from '../visit.ts';

export type PassOfAll = {
  readonly complete: boolean;
  readonly pairs: readonly Pair[];
  readonly changes: number;
  readonly changedBytes: number;
  /** By the monotonic clock. */
  readonly began: number;
  /** No pair of mailboxes had changed since a pass that left nothing there: then no message was on its way between two. */
  readonly still: boolean;
};

/**
 * Small enough for a hold: what the last pass carried over is still to be read back in it, and as much again may come.
 * At 1 MB/s and 100 messages/s, slow for a platform, both take about a second. After more a further pass follows at once.
 */
const SMALL = { changes: 50, bytes: 512 * 1024 };

export const isSmall = ({ changes, changedBytes }: Pick<PassOfAll, 'changes' | 'changedBytes'>): boolean => changes <= SMALL.changes && changedBytes <= SMALL.bytes;

/** Room for a list of which nothing is known; it grows. */
const SOME = 200;

/**
 * @param following when all was copied once: then little is left
 * @param whole lists are read, whatever mod-sequences say, and these are judged by them
 * @param onComplete written in the same transaction as the pass itself, when it left nothing and nothing was refused; returns the move's state from then on
 */
export async function passAll(visit: Visit, following: boolean, whole = false, onComplete?: (tx: Tx) => Promise<'following'>): Promise<PassOfAll> {
  const began = visit.clock.monotonic();
  const total = { messages: 0, bytes: 0, copiedMessages: 0, copiedBytes: 0, changes: 0, changedBytes: 0, carried: 0, carriedBytes: 0 };
  let asked: Asked | undefined;
  let first: Early | undefined;
  const pairs = await survey(visit, (mailboxes) => {
    if (!following) asked = askTotals(visit, mailboxes);
    const inbox = mailboxes.get(INBOX);
    // It is listed, and selected, while the target makes the others.
    if (asked !== undefined && inbox !== undefined && visit.unledgered.so) {
      first = readEarly(visit, { sourceMailbox: INBOX, sourceRef: inbox }, SOME);
      first.selected = selectTarget(visit, { targetMailbox: INBOX });
      first.selected.catch(() => {});
    }
  });
  const { left, messages } = following ? { left: { messages: 0, bytes: 0 }, messages: new Map<Pair, number>() } : await noteTotals(visit, pairs, asked);
  const unchanged = whole ? new Map<Pair, Standing>() : await findUnchanged(visit, pairs);
  const standings: { mailbox: string; standing: Standing; filled?: Standing }[] = [];
  for (const [pair, known] of unchanged) {
    if (pair.standing !== null && pair.standing !== 'untrue' && known.target !== pair.standing.target) standings.push({ mailbox: pair.sourceMailbox, standing: known });
    for (const key of ['messages', 'copiedMessages'] as const) total[key] += known.messages;
    for (const key of ['bytes', 'copiedBytes'] as const) total[key] += known.bytes;
  }
  let complete = true;
  // The largest first, so that no lane is left with it at the end; before it what is read already.
  const isFirst = (pair: Pair): boolean => pair.sourceMailbox === first?.mailbox;
  const behind = pairs.filter((pair) => !unchanged.has(pair)).sort((a, b) => Number(isFirst(b)) - Number(isFirst(a)) || (messages.get(b) ?? 0) - (messages.get(a) ?? 0));
  const likely = (pair: Pair): number => (whole ? 0 : (messages.get(pair) ?? 0));
  const carried = overLanes(visit, behind, lanesFor(left, behind.length), (lane, next) => {
    const ahead = createAhead(lane, next, likely, lane.source === visit.source ? first : undefined);
    return async (pair) => {
      const { standing, filled, ...pass } = await passMailbox(lane, pair, whole ? { read: undefined } : undefined, ahead);
      for (const key of Object.keys(total) as (keyof typeof total)[]) total[key] += pass[key];
      complete &&= pass.complete;
      if (standing !== undefined) standings.push({ mailbox: pair.sourceMailbox, standing, ...(filled === undefined ? {} : { filled }) });
    };
  });
  // What was done and what was refused before something went wrong is to be known.
  await carried.catch(async (error: unknown) => {
    await visit.book.flush().catch(() => {});
    await visit.refusals.writeDown().catch(() => {});
    throw error;
  });
  await visit.refusals.writeDown();
  const atOnce = !visit.additive && !isSmall(total);
  const stood = standings.map(({ mailbox, standing, filled }) => ({ mailbox, standing: atOnce ? (filled ?? standing) : standing }));
  await visit.book.flush(async (tx) => {
    const state = complete && !visit.refusals.open() ? await onComplete?.(tx) : undefined;
    await sql`update move set messages = ${total.messages}, bytes = ${total.bytes},
        copied_messages = ${total.copiedMessages}, copied_bytes = ${total.copiedBytes}, under_way_bytes = 0, attempt = 0, error = null,
        state = coalesce(${state ?? null}::text, state)
      where id = ${visit.move.id}`.execute(tx.db());
    if (visit.toHome) await noteMerged(tx, visit, total);
    if (stood.length > 0) {
      await sql`update mailbox_pair set standing = new.standing
        from jsonb_to_recordset(${JSON.stringify(stood)}::jsonb) as new(mailbox text, standing jsonb)
        where move_id = ${visit.move.id} and source_mailbox = new.mailbox`.execute(tx.db());
    }
  });
  visit.unledgered.so = false;
  return { complete, pairs, changes: total.changes, changedBytes: total.changedBytes, began, still: behind.length === 0 };
}
