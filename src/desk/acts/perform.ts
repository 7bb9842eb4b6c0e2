/**
 * Doing an act, deciding on one that waits for a second person, and taking one back.
 *
 * Invariants: the act, its row and its audit are one transaction: all of it is there or nothing. What waits for a second
 * person changes nothing before, and nobody decides on what he asked for himself (the table forbids it, too). An act is
 * decided on once, and taken back once.
 */
import type { z } from 'zod';
import { CausewayError } from '#errors/index.ts';
import { audit, type Store, type Tx } from '#store/index.ts';
import type { ActParts, Done } from './act.ts';
import { acts } from './all.ts';
import { ACT_BODIES, type ActAnswer, DESK_ACTS, type DeskActBody, type DeskActName } from './api.ts';
import type { DeskActTables } from './tables.ts';

type Who = { readonly id: number; readonly name: string };
const actorOf = ({ name }: Who): string => `staff:${name}`;

export const specOf = (name: DeskActName): (typeof DESK_ACTS)[number] => DESK_ACTS.find((each) => each.name === name)!;

/** @throws what the act does */
export function perform<N extends DeskActName>(store: Store, who: Who, accountId: number, name: N, body: DeskActBody<N>, parts: ActParts): Promise<ActAnswer> {
  const by = { actor: actorOf(who), why: body.why };
  return store.transaction(async (tx) => {
    await mustExist(tx, accountId);
    if (specOf(name).second) {
      const id = await insert(tx, { accountId, name, state: 'asked', by, kept: body });
      await audit(tx, { ...by, act: `desk.${name}-asked`, subject: `account:${accountId}`, detail: { desk: id } });
      return { id, state: 'asked', shown: { kind: 'nothing' } };
    }
    const { shown = { kind: 'nothing' as const }, kept = {} } = await acts[name].run(tx, accountId, body, by, parts);
    return { id: await insert(tx, { accountId, name, state: 'done', by, kept }), state: 'done', shown };
  });
}

/** By a second person. @throws CausewayError `refused` for the first one, `conflict` when it was decided on already; else what the act throws */
export function decide(store: Store, who: Who, id: number, { why, approve }: { why: string; approve: boolean }, parts: ActParts): Promise<{ state: 'done' | 'declined' }> {
  const by = { actor: actorOf(who), why };
  return store.transaction(async (tx) => {
    const row = await locked(tx, id);
    if (row.by === by.actor) throw new CausewayError('refused', 'it takes a second person', { customerText: 'You asked for this yourself: it takes a second person.' });
    if (row.state !== 'asked') throw new CausewayError('conflict', `it was decided on already: ${row.state}`, { customerText: 'This was decided on already.' });
    let done: Done = {};
    if (approve) {
      // What was asked for is read as what it was: a body that was checked.
      const body = (ACT_BODIES[row.name] as z.ZodType<DeskActBody>).parse(row.kept);
      done = await (acts[row.name].run as (...given: unknown[]) => Promise<Done>)(tx, row.account_id, body, { actor: row.by, why: row.why }, parts);
    }
    const state = approve ? 'done' : 'declined';
    await tx.db<DeskActTables>().updateTable('desk_act').set({ state, kept: JSON.stringify(done.kept ?? {}), decided_by: by.actor, decided_why: why, decided_at: new Date(store.clock.now()) }).where('id', '=', id).execute();
    await audit(tx, { ...by, act: `desk.${row.name}-${approve ? 'approved' : 'declined'}`, subject: `account:${row.account_id}`, detail: { desk: id, askedBy: row.by } });
    return { state };
  });
}

/** @throws CausewayError `conflict` when it cannot be taken back (any more) */
export function takeBack(store: Store, who: Who, id: number, why: string): Promise<void> {
  const by = { actor: actorOf(who), why };
  return store.transaction(async (tx) => {
    const row = await locked(tx, id);
    const { undo } = acts[row.name];
    if (undo === undefined) throw new CausewayError('conflict', `${row.name} cannot be taken back`, { customerText: 'This cannot be taken back.' });
    if (row.state === 'asked' && row.by === by.actor) {
      // Not done yet: nothing to undo.
    } else if (row.state === 'done') await undo(tx, row.account_id, row.kept, by);
    else throw new CausewayError('conflict', `it is ${row.state}`, { customerText: 'This was taken back already, or never done.' });
    await tx.db<DeskActTables>().updateTable('desk_act').set({ state: 'undone', undone_by: by.actor, undone_why: why, undone_at: new Date(store.clock.now()) }).where('id', '=', id).execute();
    await audit(tx, { ...by, act: `desk.${row.name}-undone`, subject: `account:${row.account_id}`, detail: { desk: id } });
  });
}

/** @throws CausewayError `not-found` */
export async function nameOf(store: Pick<Store, 'db'>, id: number): Promise<DeskActName> {
  const row = await store.db<DeskActTables>().selectFrom('desk_act').select('name').where('id', '=', id).executeTakeFirst();
  if (row === undefined) throw new CausewayError('not-found', 'there is no such act');
  return row.name;
}

type Row = { account_id: number; name: DeskActName; state: string; by: string; why: string; kept: Record<string, unknown> };

async function locked(tx: Tx, id: number): Promise<Row> {
  const row = await tx.db<DeskActTables>().selectFrom('desk_act').select(['account_id', 'name', 'state', 'by', 'why', 'kept']).where('id', '=', id).forUpdate().executeTakeFirst();
  if (row === undefined) throw new CausewayError('not-found', 'there is no such act');
  return row as unknown as Row;
}

async function mustExist(tx: Tx, accountId: number): Promise<void> {
  const there = await tx.db<{ account: { id: number } }>().selectFrom('account').select('id').where('id', '=', accountId).executeTakeFirst();
  if (there === undefined) throw new CausewayError('not-found', `there is no account ${accountId}`);
}

async function insert(tx: Tx, { accountId, name, state, by, kept }: { accountId: number; name: DeskActName; state: 'asked' | 'done'; by: { actor: string; why: string }; kept: object }): Promise<number> {
  const { id } = await tx
    .db<DeskActTables>()
    .insertInto('desk_act')
    .values({ account_id: accountId, name, state, by: by.actor, why: by.why, kept: JSON.stringify(kept), decided_by: null, decided_why: null, decided_at: null, undone_by: null, undone_why: null, undone_at: null })
    .returning('id')
    .executeTakeFirstOrThrow();
  return id;
}
