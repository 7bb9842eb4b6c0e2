/**
 * Everybody whom a technician may ask for, in memory, kept true by the change feed.
 *
 * Invariants: what the store has is found a moment later; while the store is gone, what was known goes on being found.
 * Some 1 KB an account.
 */
import { sql } from 'kysely';
import { ACCOUNT_TOPIC, ALL_ACCOUNTS } from '#directory/index.ts';
import { ROUTE_TOPIC } from '#directory/route/index.ts';
import { createFeed, type Store } from '#store/index.ts';
import type { Found } from './api.ts';
import { createSearch, type Person } from './search.ts';

export type People = {
  find(query: string): Found;
  /** Everybody has been read once. */
  readonly read: Promise<void>;
  close(): Promise<void>;
};

/** Accounts of one statement: far below its time-out. */
const PAGE = 5_000;

export function openPeople(store: Store): People {
  const search = createSearch();
  const read = Promise.withResolvers<void>();

  async function readAll(): Promise<void> {
    // Who is gone meanwhile must not be found any more; the new ones are complete before the old ones go.
    const seen: Person[] = [];
    for (let after = 0; ; ) {
      const page = await readPeople(store, { after });
      seen.push(...page);
      if (page.length < PAGE) break;
      after = page.at(-1)!.id;
    }
    search.clear();
    for (const person of seen) search.put(person);
    read.resolve();
  }

  const feed = createFeed(store, {
    topics: [ACCOUNT_TOPIC, ROUTE_TOPIC],
    onReset: readAll,
    async onChanges(changes) {
      const ids = [...new Set(changes.map(({ key }) => key))];
      if (ids.includes(ALL_ACCOUNTS)) return readAll();
      const people = new Map((await readPeople(store, { ids })).map((person) => [person.id, person]));
      for (const id of ids) {
        const person = people.get(id);
        if (person === undefined) search.remove(id);
        else search.put(person);
      }
    },
  });

  return { find: search.find, read: read.promise, close: () => feed.stop() };
}

async function readPeople(store: Store, which: { readonly after: number } | { readonly ids: readonly number[] }): Promise<Person[]> {
  const { rows } = await sql<Person>`
    select a.id, a.address, a.state, r.home, coalesce(c.name, '') as name, coalesce(c.number, '') as number, coalesce(c.phones, '{}') as phones,
      array(select l.name from login_name l where l.account_id = a.id order by l.name) as "loginNames",
      array(select p.address from recipient p where p.account_id = a.id order by p.address) as recipients
    from account a join route r on r.account_id = a.id left join customer c on c.account_id = a.id
    where ${'ids' in which ? sql`a.id = any(${which.ids}::bigint[])` : sql`a.id > ${which.after}`}
    order by a.id ${'ids' in which ? sql`` : sql`limit ${PAGE}`}
  `.execute(store.db());
  return rows;
}
