/**
 * Large accounts over several pairs of connections at once, each with mailboxes of its own.
 *
 * Invariants: a mailbox is carried by one lane from its SELECT to the last row of its ledger, so the order of its UIDs
 * is what it is with one. All lanes write under the same claim. After a failure no lane begins anything, what is under
 * way is finished and written down, and the first failure is thrown. A lane that a platform does not let in is done
 * without: it is no failure. Where a customer of the account is refused for want of connections, the lanes beside the
 * first end what they have in hand, and what they leave is a further pass's.
 */
import { messageOf } from '#errors/index.ts';
import type { ImapConnection } from '#imap/connection.ts';
import { laneRefused } from '../events.ts';
import { part } from '../part.ts';
import type { Left } from '../mailboxes/totals.ts';
import { subjectOf } from '../visit.ts';
import type { Visit } from '../visit.ts';

/**
 * Pairs of connections. With three all of two cores are used (npm run bench:mover), and of the ten that Dovecot allows a
 * customer from one address (mail_max_userip_connections) seven are left.
 */
const LANES = 3;
/** What a lane is worth: signing in on both sides is some ten round trips. */
const WORTH = { messages: 1_000, bytes: 16 * 1024 * 1024 };

/** @param left what is still to be copied, as far as it is known */
export function lanesFor(left: Left, pairs: number): number {
  const worth = Math.floor(Math.max(left.messages / WORTH.messages, left.bytes / WORTH.bytes));
  return Math.max(1, Math.min(LANES, pairs, worth));
}

/**
 * Does the work of each item, in their order, on as many lanes as are let in.
 * @param workOn begins a lane: its work may ask which item is the lane's next, and then it is; and which comes after that
 */
export async function overLanes<T>(visit: Visit, items: readonly T[], lanes: number, workOn: (lane: Visit, next: () => T | undefined) => (item: T) => Promise<void>): Promise<void> {
  const waiting = [...items];
  let failure: { readonly error: unknown } | undefined;

  const shared: Visit = { ...visit, spent: () => failure !== undefined || visit.spent() };
  const isGivenBack = (lane: Visit): boolean => lane !== shared && visit.crowded();

  /** @returns whether the lane has nothing more on its way */
  async function carry(lane: Visit): Promise<boolean> {
    const reserved: T[] = [];
    const next = (): T | undefined => {
      const item = isGivenBack(lane) ? undefined : waiting.shift();
      if (item !== undefined) reserved.push(item);
      return item;
    };
    const work = workOn(lane, next);
    while (failure === undefined) {
      if (isGivenBack(lane)) {
        waiting.unshift(...reserved);
        return reserved.length === 0;
      }
      const item = reserved.shift() ?? waiting.shift();
      if (item === undefined) return true;
      try {
        await work(item);
      } catch (error) {
        failure ??= { error };
      }
    }
    return false;
  }

  async function open(): Promise<readonly [ImapConnection, ImapConnection] | undefined> {
    try {
      return await visit.widen?.();
    } catch (error) {
      visit.emit(laneRefused, { ...subjectOf(visit), message: messageOf(error) });
      return undefined;
    }
  }

  async function carryBeside(): Promise<void> {
    const opened = await open();
    if (opened === undefined) return;
    const [source, target] = opened;
    const isDone = await carry({ ...shared, source, target, spent: () => visit.crowded() || shared.spent() });
    // After a failure a command may still be under way: then the round is left as unclean, and this with it.
    if (isDone && failure === undefined) await part([source, target]);
    else for (const connection of opened) connection.destroy();
  }

  const beside = visit.widen === undefined ? 0 : lanes - 1;
  await Promise.all([carry(shared), ...Array.from({ length: beside }, carryBeside)]);
  // What a lane gave back when the first had nothing left to do.
  await carry(shared);
  if (failure !== undefined) throw failure.error;
}
