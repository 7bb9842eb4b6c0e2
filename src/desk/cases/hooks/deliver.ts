/**
 * Tells receivers of events: the provider's own systems by webhook, customers by mail.
 *
 * Invariants: a receiver is told of an event until it takes it, with growing waits, for three days; of two processes one
 * tells it. Where the answer was lost it is told again, with the same id, so a receiver that remembers ids has each once.
 * One that is slow or gone holds up no other.
 */
import { sql } from 'kysely';
import { CausewayError, isNetworkError, messageOf } from '#errors/index.ts';
import { NEEDLESS } from '#events/clock.ts';
import { defineEvent } from '#events/index.ts';
import type { Store, Tx } from '#store/index.ts';
import type { CaseEvent } from '../tell.ts';

const untold = defineEvent<{ receiver: string; event: number; attempts: number; failure: string }>('desk.untold', 'warn', ['log', 'count'], ['receiver']);
const givenUp = defineEvent<{ receiver: string; event: number; failure: string }>('desk.telling-given-up', 'error', ['log', 'count'], ['receiver']);
const tellingFailed = defineEvent<{ message: string }>('desk.telling-failed', 'warn', ['log', 'count']);

/** What a case's event says: `account` its address, `text` what was written. */
export type About = { readonly case: number; readonly account?: string; readonly subject: string; readonly text?: string } & Readonly<Record<string, unknown>>;
export type Told = { readonly id: number; readonly at: Date; readonly kind: CaseEvent; readonly about: About };

export type Receiver = {
  readonly name: string;
  /** @throws CausewayError `refused` where it will never be taken; anything else: not now */
  tell(told: Told, signal: AbortSignal): Promise<void>;
};

/** At once, of one receiver. */
const AT_ONCE = 8;
const TELL_MS = 20_000;
/** Longer than telling: whoever took it is gone by then. */
const TAKEN_SECONDS = 60;
const LOOK_MS = 1_000;
const PRUNE_MS = 60_000;
const AGAIN_SECONDS = { first: 5, most: 3_600 };
/** By doubling from five seconds to an hour: three days. */
const ATTEMPTS = 82;
const KEPT_DAYS = 30;

type Due = { readonly event_id: number; readonly attempts: number; readonly kind: CaseEvent; readonly at: Date; readonly body: About };

/** Those of the configuration; what waited for one that is no more there is dropped. */
export async function setReceivers(tx: Tx, names: readonly string[]): Promise<void> {
  await sql`insert into desk_hook (name) select unnest(${[...names]}::text[]) on conflict do nothing`.execute(tx.db());
  await sql`delete from desk_hook where name <> all(${[...names]}::text[])`.execute(tx.db());
}

/** One round. @returns how many were taken */
export async function tellDue(store: Store, receiver: Receiver): Promise<number> {
  const { rows } = await sql<Due>`
    update desk_delivery d set next_at = clock_timestamp() + ${TAKEN_SECONDS}::float8 * interval '1 second', attempts = d.attempts + 1
    from desk_event e where e.id = d.event_id and d.hook = ${receiver.name} and d.event_id in (
      select event_id from desk_delivery where hook = ${receiver.name} and next_at <= clock_timestamp()
      order by next_at, event_id limit ${AT_ONCE} for update skip locked)
    returning d.event_id, d.attempts, e.kind, e.at, e.body`.execute(store.db());
  await Promise.all(rows.toSorted((a, b) => a.event_id - b.event_id).map((due) => tellOne(store, receiver, due)));
  return rows.length;
}

async function tellOne(store: Store, receiver: Receiver, { event_id: event, attempts, kind, at, body }: Due): Promise<void> {
  const { clock, emit } = store;
  const time = new AbortController();
  const stop = clock.after(TELL_MS, () => time.abort(NEEDLESS));
  let failed: unknown;
  try {
    await receiver.tell({ id: event, at, kind, about: body }, time.signal);
  } catch (error) {
    failed = error;
  } finally {
    stop();
  }
  const forGood = attempts >= ATTEMPTS || (failed instanceof CausewayError && failed.code === 'refused');
  if (failed === undefined || forGood) {
    await sql`delete from desk_delivery where hook = ${receiver.name} and event_id = ${event}`.execute(store.db());
    if (failed !== undefined) emit(givenUp, { receiver: receiver.name, event, failure: inWords(failed) });
    return;
  }
  emit(untold, { receiver: receiver.name, event, attempts, failure: inWords(failed) });
  const wait = Math.min(AGAIN_SECONDS.most, AGAIN_SECONDS.first * 2 ** Math.min(attempts - 1, 12));
  await sql`
    update desk_delivery set next_at = clock_timestamp() + ${wait}::float8 * interval '1 second', failure = ${inWords(failed)}
    where hook = ${receiver.name} and event_id = ${event}`.execute(store.db());
}

/** A URL may be a secret, and errors of the language may name it: of these the code is told. */
function inWords(error: unknown): string {
  if (error instanceof CausewayError) return error.message.slice(0, 500);
  return isNetworkError(error) ? (error as { code?: string }).code! : 'no answer';
}

export function startTelling(store: Store, receivers: readonly Receiver[]): { close(): Promise<void> } {
  const { clock, emit } = store;
  const closing = new AbortController();

  /** Until it is closed. @param round says whether there may be more at once */
  async function again(round: () => Promise<boolean>, lookMs = LOOK_MS): Promise<void> {
    while (!closing.signal.aborted) {
      const more = await round().catch((error: unknown) => {
        emit(tellingFailed, { message: messageOf(error) });
        return false;
      });
      if (!more) await clock.sleep(lookMs, closing.signal).catch(() => {});
    }
  }

  const known = (async () => {
    let done = false;
    while (!done && !closing.signal.aborted) {
      done = await store.transaction((tx) => setReceivers(tx, receivers.map(({ name }) => name))).then(() => true, () => false);
      if (!done) await clock.sleep(LOOK_MS, closing.signal).catch(() => {});
    }
    await Promise.all([
      ...receivers.map((receiver) => again(async () => (await tellDue(store, receiver)) === AT_ONCE)),
      again(() => prune(store), PRUNE_MS),
    ]);
  })();
  return {
    async close() {
      closing.abort(NEEDLESS);
      await known;
    },
  };
}

async function prune(store: Store): Promise<false> {
  await sql`delete from desk_event where id in (select id from desk_event where at < now() - ${KEPT_DAYS}::float8 * interval '1 day' order by at limit 1000)`.execute(store.db());
  return false;
}
