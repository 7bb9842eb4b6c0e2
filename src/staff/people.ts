/**
 * Who works here.
 *
 * Invariants: names are unique among those who have not left, and stay with their acts in the audit. A change of password,
 * role or presence ends the person's sessions in the same transaction. The last administrator stays one. An empty password
 * is none: it matches nothing.
 */
import { CausewayError } from '#errors/index.ts';
import { audit, isUniqueViolation, type Store, type Tx } from '#store/index.ts';
import { type Role, STAFF_NAME } from './api.ts';
import type { StaffTables } from './tables.ts';

export type Person = { readonly id: number; readonly name: string; readonly role: Role; readonly madeAt: Date; readonly code: boolean; readonly passkeys: number; /** An identity provider knows the person, too. */ readonly oidc: boolean };
/** What is compared at a sign-in. `code`: sealed. */
export type Keys = { readonly id: number; readonly name: string; readonly role: Role; readonly password: string; readonly code: Buffer | null };
type By = { readonly actor: string; readonly why?: string };

export function keysOf(store: Pick<Store, 'db'>, name: string): Promise<Keys | undefined> {
  return keys(store).where('name', '=', name).executeTakeFirst();
}

export function keysById(store: Pick<Store, 'db'>, id: number): Promise<Keys | undefined> {
  return keys(store).where('id', '=', id).executeTakeFirst();
}

const keys = (store: Pick<Store, 'db'>) => store.db<StaffTables>().selectFrom('staff').select(['id', 'name', 'role', 'password', 'code']).where('ended_at', 'is', null);

export async function listStaff(store: Pick<Store, 'db'>): Promise<Person[]> {
  const rows = await store
    .db<StaffTables>()
    .selectFrom('staff')
    .leftJoin('staff_passkey', 'staff_passkey.staff_id', 'staff.id')
    .select(({ fn }) => ['staff.id', 'staff.name', 'staff.role', 'staff.made_at as madeAt', 'staff.code', 'staff.oidc_subject', fn.count<string>('staff_passkey.id').as('passkeys')])
    .where('ended_at', 'is', null)
    .groupBy('staff.id')
    .orderBy('staff.name')
    .execute();
  return rows.map(({ code, passkeys, oidc_subject: subject, ...row }) => ({ ...row, code: code !== null, passkeys: Number(passkeys), oidc: subject !== null }));
}

/** @param password a hash, or empty: none @param seal of the phone's secret, for the id that the person gets @throws CausewayError `conflict` when the name is taken */
export async function addPerson(tx: Tx, { name, role, password, seal }: { name: string; role: Role; password: string; seal: ((id: number) => Buffer) | undefined }, by: By): Promise<number> {
  if (!STAFF_NAME.test(name)) throw new CausewayError('input', `"${name}" is no name for staff`, { remedy: 'It begins with a small letter, and has small letters, digits, ".", "_" and "-": up to 40.' });
  const db = tx.db<StaffTables>();
  const { id } = await db
    .insertInto('staff')
    .values({ name, role, password, code: null, ended_at: null })
    .returning('id')
    .executeTakeFirstOrThrow()
    .catch((error: unknown) => {
      throw isUniqueViolation(error) ? new CausewayError('conflict', `somebody is called ${name} already`, { remedy: 'See: causeway staff list' }) : error;
    });
  if (seal !== undefined) await db.updateTable('staff').set({ code: seal(id) }).where('id', '=', id).execute();
  await audit(tx, { ...by, act: 'staff.added', subject: `staff:${name}`, detail: { role, code: seal !== undefined } });
  return id;
}

/** @throws CausewayError `not-found`, or `conflict` for the last administrator */
export async function endPerson(tx: Tx, name: string, by: By): Promise<void> {
  const person = await lockedPerson(tx, name);
  if (person.role === 'administrator') await sureOfAnother(tx, person.id);
  await tx.db<StaffTables>().updateTable('staff').set({ ended_at: new Date(), code: null, password: '' }).where('id', '=', person.id).execute();
  await tx.db<StaffTables>().deleteFrom('staff_passkey').where('staff_id', '=', person.id).execute();
  await endSessionsOf(tx, person.id);
  await audit(tx, { ...by, act: 'staff.removed', subject: `staff:${name}`, detail: { role: person.role } });
}

/** @throws CausewayError `not-found`, or `conflict` for the last administrator */
export async function setRole(tx: Tx, name: string, role: Role, by: By): Promise<void> {
  const person = await lockedPerson(tx, name);
  if (person.role === role) return;
  if (person.role === 'administrator') await sureOfAnother(tx, person.id);
  await tx.db<StaffTables>().updateTable('staff').set({ role }).where('id', '=', person.id).execute();
  await endSessionsOf(tx, person.id);
  await audit(tx, { ...by, act: 'staff.role-set', subject: `staff:${name}`, detail: { from: person.role, to: role } });
}

/** A new password, a new secret for the phone, and no passkeys: for who has lost what they had. @throws CausewayError `not-found` */
export async function resetPerson(tx: Tx, name: string, { password, seal }: { password: string; seal: ((id: number) => Buffer) | undefined }, by: By): Promise<void> {
  const person = await lockedPerson(tx, name);
  await tx.db<StaffTables>().updateTable('staff').set({ password, code: seal?.(person.id) ?? null }).where('id', '=', person.id).execute();
  await tx.db<StaffTables>().deleteFrom('staff_passkey').where('staff_id', '=', person.id).execute();
  await endSessionsOf(tx, person.id);
  await audit(tx, { ...by, act: 'staff.reset', subject: `staff:${name}`, detail: { code: seal !== undefined } });
}

/** By what an identity provider knows the person; sessions stay, since nobody gets in by this who could not before. @throws CausewayError `not-found`, or `conflict` when somebody else is known by it */
export async function linkPerson(tx: Tx, name: string, { issuer, subject }: { issuer: string; subject: string }, by: By): Promise<void> {
  const person = await lockedPerson(tx, name);
  await tx
    .db<StaffTables>()
    .updateTable('staff')
    .set({ oidc_issuer: issuer, oidc_subject: subject })
    .where('id', '=', person.id)
    .execute()
    .catch((error: unknown) => {
      throw isUniqueViolation(error) ? new CausewayError('conflict', 'somebody else is known by this subject', { remedy: 'See: causeway staff list' }) : error;
    });
  await audit(tx, { ...by, act: 'staff.linked', subject: `staff:${name}`, detail: { issuer, subject } });
}

/** By the person, who stays signed in here and nowhere else. */
export async function changePassword(tx: Tx, { id, name }: { id: number; name: string }, password: string, sessionId: string): Promise<void> {
  await tx.db<StaffTables>().updateTable('staff').set({ password }).where('id', '=', id).execute();
  await endSessionsOf(tx, id, sessionId);
  await audit(tx, { actor: `staff:${name}`, act: 'staff.password-changed', subject: `staff:${name}` });
}

/** Whether this step of the phone's codes serves for the first time; then it is used. */
export async function useCodeStep(store: Pick<Store, 'db'>, id: number, step: number): Promise<boolean> {
  const { numUpdatedRows } = await store.db<StaffTables>().updateTable('staff').set({ code_step: step }).where('id', '=', id).where('code_step', '<', step).executeTakeFirstOrThrow();
  return numUpdatedRows === 1n;
}

/** @returns how many */
export async function endSessionsOf(tx: Tx, id: number, allBut = ''): Promise<number> {
  const { numDeletedRows } = await tx.db<StaffTables>().deleteFrom('staff_session').where('staff_id', '=', id).where('id', '!=', allBut).executeTakeFirstOrThrow();
  return Number(numDeletedRows);
}

async function lockedPerson(tx: Tx, name: string): Promise<{ id: number; role: Role }> {
  const person = await tx.db<StaffTables>().selectFrom('staff').select(['id', 'role']).where('name', '=', name).where('ended_at', 'is', null).forUpdate().executeTakeFirst();
  if (person === undefined) throw new CausewayError('not-found', `nobody here is called ${name}`, { remedy: 'See: causeway staff list' });
  return person;
}

async function sureOfAnother(tx: Tx, id: number): Promise<void> {
  const others = await tx.db<StaffTables>().selectFrom('staff').select('id').where('role', '=', 'administrator').where('ended_at', 'is', null).where('id', '!=', id).forUpdate().execute();
  if (others.length === 0) throw new CausewayError('conflict', 'the last administrator stays', { remedy: 'Make another one first: causeway staff add NAME --role administrator' });
}
