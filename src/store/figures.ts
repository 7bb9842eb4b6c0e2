import { sql } from 'kysely';
import { messageOf } from '#errors/index.ts';
import { figuresDelayed } from './events.ts';
import type { Store } from './open.ts';
import { prune } from './prune.ts';

/**
 * The figures that gates read: counters, added up in memory, written each second, summed over all instances. Best
 * effort: adding never waits and never fails, a process that is killed loses its last second, and a write whose
 * answer was lost may count twice.
 */
export type Figures = {
  /** @param name `signin.rejected`; few distinct ones */
  add(name: string, labels?: { readonly platform?: string }, n?: number): void;
  /** Writes now what is in memory. */
  flush(): Promise<void>;
  /** Writes once more, and ends. */
  stop(): Promise<void>;
};

const FLUSH_MS = 1_000;
/** Wide enough for few rows (17,280 a day for each name), narrow enough for a gate that looks a minute back. */
const BUCKET_SECONDS = 5;
/** Names × platforms; more would mean that somebody counts by account. */
const DISTINCT = 1_000;
/** Old rows are dropped by every instance about this often, in flushes. */
const PRUNE_EVERY = 600;

export function createFigures(store: Store, { instance }: { instance: string }): Figures {
  const { clock, emit } = store;
  const counts = new Map<string, { name: string; platform: string; value: number }>();
  const stopping = new AbortController();

  const add: Figures['add'] = (name, labels = {}, n = 1) => {
    const platform = labels.platform ?? '';
    const key = `${name}\n${platform}`;
    const count = counts.get(key);
    if (count !== undefined) count.value += n;
    else if (counts.size < DISTINCT) counts.set(key, { name, platform, value: n });
  };

  const flush = async (): Promise<void> => {
    if (counts.size === 0) return;
    // In one order everywhere, so that two writers never wait for each other in a circle.
    const taken = [...counts.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, count]) => count);
    counts.clear();
    try {
      await sql`
        insert into figure (bucket, instance, name, platform, value)
        select date_bin(make_interval(secs => ${BUCKET_SECONDS}::int), now(), 'epoch'), ${instance}, name, platform, value
        from unnest(${taken.map((c) => c.name)}::text[], ${taken.map((c) => c.platform)}::text[],
          ${taken.map((c) => c.value)}::bigint[]) as taken (name, platform, value)
        on conflict (bucket, instance, name, platform) do update set value = figure.value + excluded.value`.execute(store.db());
    } catch (error) {
      for (const { name, platform, value } of taken) add(name, { platform }, value);
      emit(figuresDelayed, { message: messageOf(error) });
    }
  };

  const running = (async () => {
    for (let round = 1; !stopping.signal.aborted; round++) {
      await clock.sleep(FLUSH_MS, stopping.signal).catch(() => {});
      await flush();
      if (round % PRUNE_EVERY !== 0) continue;
      await prune(store).catch((error: unknown) => emit(figuresDelayed, { message: messageOf(error) }));
    }
  })();

  return {
    add,
    flush,
    async stop() {
      stopping.abort(new Error('stopped'));
      await running;
    },
  };
}

/**
 * The sums of `names` over all instances in about the last `sinceSeconds` (up to five seconds more), by the store's
 * clock. A name never counted is 0.
 */
export async function sumFigures<N extends string>(
  store: Store,
  { names, sinceSeconds, platform }: { names: readonly N[]; sinceSeconds: number; platform?: string },
): Promise<Record<N, number>> {
  const { rows } = await sql<{ name: N; value: number }>`
    select name, sum(value)::bigint as value from figure
    where name = any(${names}::text[])
      and bucket > now() - make_interval(secs => ${sinceSeconds + BUCKET_SECONDS})
      and (${platform ?? null}::text is null or platform = ${platform ?? null}::text)
    group by name`.execute(store.db());
  const sums = Object.fromEntries(names.map((name) => [name, 0])) as Record<N, number>;
  for (const { name, value } of rows) sums[name] = value;
  return sums;
}
