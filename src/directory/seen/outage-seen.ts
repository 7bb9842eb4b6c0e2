/**
 * When a platform came back: what a technician is told of an outage must go when the outage does, also for who has not
 * come since.
 *
 * Invariants: nobody waits for it. An outage is told by two customers who failed, or by one and nothing that worked for
 * SILENT: a single customer's broken mailbox is none, however often he comes. What was before the process began is not
 * known, so the first that works then counts as the end of one. Bounded by the configuration's platforms.
 */
import { sql } from 'kysely';
import type { Clock } from '#events/clock.ts';
import type { Store } from '#store/index.ts';

/** `check`: it judges secrets; `ours` does, too, by its hashes and its store. `way`: it lets in who was judged. */
export type Service = 'check' | 'way';

export type OutageNotes = {
  worked(platform: string, service: Service): void;
  /** @param accountId 0: nobody's, the sentinel's */
  failed(platform: string, service: Service, accountId: number): void;
  /** Writes what is left. Never rejects. */
  close(): Promise<void>;
};

const SILENT_MS = 10_000;
const ACCOUNTS = 2;
const FLUSH_MS = 5_000;

/** `since`, `accounts`: of the failures since the last that worked. */
type Seen = { since: number | undefined; readonly accounts: Set<number>; backAt: number | undefined };

export function createOutageNotes(store: Pick<Store, 'db'>, clock: Clock): OutageNotes {
  const services = new Map<string, { readonly platform: string; readonly service: Service; readonly seen: Seen }>();
  const stop = new AbortController();

  function of(platform: string, service: Service): Seen {
    const key = `${service} ${platform}`;
    let found = services.get(key);
    if (found === undefined) services.set(key, (found = { platform, service, seen: { since: -Infinity, accounts: new Set(), backAt: undefined } }));
    return found.seen;
  }

  async function flush(): Promise<void> {
    const due = [...services.values()].flatMap(({ platform, service, seen }) => (seen.backAt === undefined ? [] : [{ platform, service, seen, at: seen.backAt }]));
    if (due.length === 0) return;
    await sql`
      insert into outage_seen as o (platform, service, back_at)
      select * from unnest(${due.map(({ platform }) => platform)}::text[], ${due.map(({ service }) => service)}::text[], ${due.map(({ at }) => new Date(at))}::timestamptz[])
      on conflict (platform, service) do update set back_at = greatest(o.back_at, excluded.back_at)`.execute(store.db());
    for (const { seen, at } of due) if (seen.backAt === at) seen.backAt = undefined;
  }

  const rounds = (async () => {
    while (!stop.signal.aborted) {
      await clock.sleep(FLUSH_MS, stop.signal).catch(() => {});
      await flush().catch(() => {}); // the store says itself that it is away
    }
  })();

  return {
    worked(platform, service) {
      const seen = of(platform, service);
      if (seen.since === undefined) return;
      if (seen.accounts.size >= ACCOUNTS || clock.monotonic() - seen.since >= SILENT_MS) seen.backAt = clock.now();
      seen.since = undefined;
      seen.accounts.clear();
    },
    failed(platform, service, accountId) {
      const seen = of(platform, service);
      seen.since ??= clock.monotonic();
      if (seen.accounts.size < ACCOUNTS) seen.accounts.add(accountId);
    },
    async close() {
      stop.abort();
      await rounds;
    },
  };
}

export type OutageEnd = { readonly platform: string; readonly service: Service; readonly backAt: Date };

/** When each of these last came back, as far as is known. */
export async function listOutageEnds(store: Store, platforms: readonly string[]): Promise<OutageEnd[]> {
  const { rows } = await sql<OutageEnd>`select platform, service, back_at as "backAt" from outage_seen where platform = any(${[...platforms]}::text[])`.execute(store.db());
  return rows;
}
