/**
 * `GET` who is affected: counts, a list, and the list as CSV.
 *
 * Invariant: however many look at it, the same counts are made once in FRESH_MS.
 */
import { CausewayError } from '#errors/index.ts';
import type { App } from '#http/app.ts';
import { guarded } from '#staff/guarded.ts';
import type { Store } from '#store/index.ts';
import type { z } from 'zod';
import { AFFECTED, AFFECTED_CSV, AFFECTED_LIST, AFFECTED_PAGE, type AffectedCounts, type AffectedList, type AffectedQuery, affectedListQuery, affectedQuery } from './api.ts';
import { csvLine } from './csv.ts';
import { countAffected, listAffected, sinceOf } from './read.ts';

/** As often as sign-in writes. */
const FRESH_MS = 5_000;
/** Filters that are looked at at the same time: of a room of technicians a dozen. */
const FILTERS = 100;
/** Accounts of one statement of the CSV. */
const CSV_PAGE = 5_000;
const HEADER = ['account', 'address', 'platform', 'wave', 'in an incident', 'protocols', 'programs', 'verdicts', 'reasons', 'last'];

export function addAffectedRoutes(app: App, { store }: { readonly store: Store }): void {
  const counts = new Map<string, { readonly until: number; readonly made: Promise<AffectedCounts> }>();

  function countsOf(query: AffectedQuery): Promise<AffectedCounts> {
    const now = store.clock.monotonic();
    for (const [key, { until }] of counts) if (until <= now) counts.delete(key);
    const key = JSON.stringify(query);
    const kept = counts.get(key);
    if (kept !== undefined) return kept.made;
    const made = countAffected(store, query);
    if (counts.size < FILTERS) {
      counts.set(key, { until: now + FRESH_MS, made });
      made.catch(() => counts.delete(key));
    }
    return made;
  }

  app.get(AFFECTED, guarded('desk.affected'), async (c) => c.json(await countsOf(asked(affectedQuery, c.req.query()))));

  app.get(AFFECTED_LIST, guarded('desk.affected'), async (c) => {
    const { after, ...query } = asked(affectedListQuery, c.req.query());
    const accounts = await listAffected(store, query, { after, limit: AFFECTED_PAGE });
    const last = accounts.at(-1);
    return c.json({ accounts, ...(accounts.length < AFFECTED_PAGE || last === undefined ? {} : { next: last.id }) } satisfies AffectedList);
  });

  app.get(AFFECTED_CSV, guarded('desk.affected'), async (c) => {
    const query = asked(affectedQuery, c.req.query());
    // One moment for all pages, and the first before the answer begins: what fails then is told by its status.
    const pages = pagesOf(store, { ...query, since: sinceOf(query, store.clock.now()) });
    const first = await pages.next();
    const text = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(Buffer.from(csvLine(HEADER) + (first.value ?? '')));
      },
      async pull(controller) {
        const { value, done } = await pages.next();
        if (value !== undefined) controller.enqueue(Buffer.from(value));
        if (done === true) controller.close();
      },
    });
    return c.body(text, 200, { 'Content-Type': 'text/csv; charset=utf-8', 'Content-Disposition': 'attachment; filename="affected.csv"' });
  });
}

async function* pagesOf(store: Store, query: AffectedQuery): AsyncGenerator<string, undefined> {
  for (let after = 0; ; ) {
    const accounts = await listAffected(store, query, { after, limit: CSV_PAGE });
    const last = accounts.at(-1);
    if (last === undefined) return undefined;
    yield accounts
      .map(({ id, address, platform, wave, incident, protocols, clients, verdicts, reasons, lastAt }) =>
        csvLine([id, address, platform, wave, incident ? 'yes' : 'no', protocols.join(' '), clients.join('; '), verdicts.join(' '), reasons.join(' '), new Date(lastAt).toISOString()]),
      )
      .join('');
    if (accounts.length < CSV_PAGE) return undefined;
    after = last.id;
  }
}

function asked<Schema extends z.ZodType>(schema: Schema, given: Record<string, string>): z.infer<Schema> {
  const { data, error } = schema.safeParse(given);
  if (error === undefined) return data as z.infer<Schema>;
  throw new CausewayError('input', `${error.issues[0]?.path.join('.') || 'the query'}: ${error.issues[0]?.message ?? 'expected something else'}`);
}
