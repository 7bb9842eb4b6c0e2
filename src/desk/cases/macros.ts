/** Macros: an answer that is written once, with what else it does to the case. */
import { sql } from 'kysely';
import { CausewayError } from '#errors/index.ts';
import { readOneDeclared } from '#incident/declared/index.ts';
import { audit, type Store, type Tx } from '#store/index.ts';
import { addEntry, closeCase, setPriority } from './acts.ts';
import type { AnswerOptions } from './answers.ts';
import { type Macro, MOST_MACROS, type Made } from './api.ts';
import { factsOf } from './facts.ts';
import { fill } from './fill.ts';
import { readLine } from './read.ts';
import { lockCase } from './rows.ts';

type NewMacro = Omit<Macro, 'id'>;

export async function readMacros(store: Pick<Store, 'db'>): Promise<Macro[]> {
  const { rows } = await sql<Macro>`select id, name, text, also from desk_macro order by name limit ${MOST_MACROS}`.execute(store.db());
  return rows;
}

/** @throws CausewayError `limit`; `conflict` where another has that name */
export async function addMacro(tx: Tx, { name, text, also }: NewMacro, by: string): Promise<number> {
  const { rows: counted } = await sql<{ n: number }>`select count(*)::int as n from desk_macro`.execute(tx.db());
  if (counted[0]!.n >= MOST_MACROS) throw new CausewayError('limit', `there are ${MOST_MACROS} macros already`);
  await mustBeFree(tx, name, undefined);
  const { rows } = await sql<{ id: number }>`insert into desk_macro (name, text, also) values (${name}, ${text}, ${JSON.stringify(also)}::jsonb) returning id`.execute(tx.db());
  const { id } = rows[0]!;
  await audit(tx, { actor: by, act: 'macro.written', subject: `macro:${id}`, detail: { name } });
  return id;
}

/** What was answered with it stays as it was said. @throws CausewayError `not-found`; `conflict` where another has that name */
export async function changeMacro(tx: Tx, id: number, { name, text, also }: NewMacro, by: string): Promise<void> {
  await mustBeFree(tx, name, id);
  const { numAffectedRows } = await sql`update desk_macro set name = ${name}, text = ${text}, also = ${JSON.stringify(also)}::jsonb where id = ${id}`.execute(tx.db());
  if (numAffectedRows === 0n) throw new CausewayError('not-found', `there is no macro ${id}`);
  await audit(tx, { actor: by, act: 'macro.changed', subject: `macro:${id}`, detail: { name } });
}

/** Locked, so that two who write at once do so one after the other. */
async function mustBeFree(tx: Tx, name: string, but: number | undefined): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended('desk_macro', 0))`.execute(tx.db());
  const { rows } = await sql`select from desk_macro where name = ${name} and id is distinct from ${but ?? null}`.execute(tx.db());
  if (rows.length > 0) throw new CausewayError('conflict', `another macro has the name ${name}`);
}

export async function dropMacro(tx: Tx, id: number, by: string): Promise<void> {
  const { numAffectedRows } = await sql`delete from desk_macro where id = ${id}`.execute(tx.db());
  if (numAffectedRows !== 0n) await audit(tx, { actor: by, act: 'macro.dropped', subject: `macro:${id}` });
}

/** Answers with it, and does the rest of it. @throws CausewayError as `addEntry` */
export async function useMacro(tx: Tx, { id, macro, key, by, seen }: { readonly id: number; readonly macro: number; readonly key: string; readonly by: string; readonly seen: number | undefined }, options: AnswerOptions): Promise<Made> {
  const { rows } = await sql<Macro>`select id, name, text, also from desk_macro where id = ${macro}`.execute(tx.db());
  const found = rows[0];
  if (found === undefined) throw new CausewayError('not-found', `there is no macro ${macro}`);
  const { account_id: account, incident_id: incidentId } = await lockCase(tx, id);
  const text = await filled(tx, found.text, { account: account ?? undefined, incidentId: incidentId ?? undefined }, options);
  const made = await addEntry(tx, { id, by, key, kind: 'answer', text, seen });
  if (!made.made) return made;
  const { close, priority } = found.also;
  if (priority !== undefined) await setPriority(tx, { id, by, priority });
  if (close === true) await closeCase(tx, { id, by, key: secondKey(key) });
  return made;
}

/** The same text as the answer's would be, of the facts as they are now. Nothing here writes. @throws CausewayError `not-found` */
export async function tryMacro(store: Store, id: number, text: string, options: AnswerOptions): Promise<{ text: string }> {
  const { account, incidentId } = await readLine(store, id);
  return { text: await filled(store, text, { account: account?.id, incidentId }, options) };
}

async function filled(reader: Store | Tx, text: string, { account, incidentId }: { readonly account: number | undefined; readonly incidentId: string | undefined }, options: AnswerOptions): Promise<string> {
  const facts = account === undefined ? undefined : (await factsOf(reader, [account], options)).get(account);
  const incident = incidentId === undefined ? undefined : (await readOneDeclared(reader, incidentId))?.title;
  return fill(text, { ...facts, ...(incident === undefined ? {} : { incident }) });
}

/** Of the closing, beside the answer's: the same macro's a second time is the same. */
function secondKey(key: string): string {
  const last = Number.parseInt(key.at(-1)!, 16);
  return `${key.slice(0, -1)}${(last ^ 1).toString(16)}`;
}
