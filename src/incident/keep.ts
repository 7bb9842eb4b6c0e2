/**
 * Keeps incidents in the store, for other processes to read.
 *
 * Invariants: one writer, the instance that saw them; its rows are at most a few seconds old while the store answers, and
 * nothing is lost while it does not. What an earlier life left open is ended first.
 */
import { sql } from 'kysely';
import { messageOf } from '#errors/index.ts';
import type { Store } from '#store/index.ts';
import { incidentsUnwritten } from './events.ts';
import type { Incident, IncidentKind } from './incident.ts';
import type { Incidents } from './incidents.ts';

const WRITE_MS = 2_000;
/** Those that are open are written again so often, that readers see them alive. */
const ALIVE_MS = 15_000;
/** An open row that nobody wrote for so long is of an instance that is gone. */
const GONE_SECONDS = 60;

export type Keeping = { /** Writes once more. */ stop(): Promise<void> };

export function keepIncidents({ incidents, store, instance }: { incidents: Incidents; store: Store; instance: string }): Keeping {
  const { clock, emit } = store;
  const stop = new AbortController();
  let begun = false;
  let aliveAt = clock.monotonic();
  let failing = false;

  async function write(): Promise<void> {
    try {
      if (!begun) {
        const mine = incidents.open().map(({ id }) => id);
        await sql`update incident set ended_at = now() where instance = ${instance} and ended_at is null and id <> all(${mine}::uuid[])`.execute(store.db());
        begun = true;
      }
      const alive = clock.monotonic() - aliveAt >= ALIVE_MS;
      const changed = incidents.unwritten();
      const rows = alive ? [...changed, ...incidents.open().filter(({ id }) => !changed.some((each) => each.id === id))] : changed;
      for (const row of rows) await put(row);
      incidents.written(rows);
      if (alive) aliveAt = clock.monotonic();
      failing = false;
    } catch (error) {
      // Said once: an outage of the store is told by the store.
      if (!failing) emit(incidentsUnwritten, { message: messageOf(error) });
      failing = true;
    }
  }

  async function put({ id, kind, platform, protocols, from, until, occurrences, accounts }: Incident): Promise<void> {
    await sql`
      insert into incident (id, instance, kind, platform, protocols, began_at, ended_at, occurrences, accounts)
      values (${id}, ${instance}, ${kind}, ${platform}, ${protocols}::text[], ${new Date(from)}, ${until === undefined ? null : new Date(until)}, ${occurrences}, ${accounts})
      on conflict (id) do update set protocols = excluded.protocols, ended_at = excluded.ended_at,
        occurrences = excluded.occurrences, accounts = excluded.accounts, seen_at = now()`.execute(store.db());
  }

  const writing = (async () => {
    while (!stop.signal.aborted) {
      await clock.sleep(WRITE_MS, stop.signal).catch(() => {});
      await write();
    }
  })();

  return {
    async stop() {
      stop.abort();
      await writing;
    },
  };
}

export type KeptIncident = Incident & { readonly instance: string };

/** The incidents that are open at any instance, oldest first. @throws as the store does */
export async function openIncidents(store: Store): Promise<KeptIncident[]> {
  const { rows } = await sql<{ id: string; instance: string; kind: IncidentKind; platform: string; protocols: string[]; began_at: Date; occurrences: number; accounts: number }>`
    select id, instance, kind, platform, protocols, began_at, occurrences, accounts from incident
    where ended_at is null and seen_at > now() - make_interval(secs => ${GONE_SECONDS})
    order by began_at`.execute(store.db());
  return rows.map(({ began_at: began, ...row }) => ({ ...row, from: began.getTime(), until: undefined }));
}
