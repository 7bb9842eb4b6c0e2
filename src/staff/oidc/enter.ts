/**
 * The identity provider's word on somebody, carried out here: who is new is made known, who is known has the role that it
 * says, who has left stays out.
 *
 * Invariants: a person is known by issuer and subject, never by a name, which is for people to change: nobody becomes somebody
 * else by being called so. Who left here does not come back by it, nor does another under the same name. The last
 * administrator stays one, and is told so.
 */
import { sql } from 'kysely';
import { CausewayError } from '#errors/index.ts';
import { audit, type Store, type Tx } from '#store/index.ts';
import type { StaffMember } from '../api.ts';
import { addPerson, endSessionsOf, linkPerson, setRole } from '../people.ts';
import type { StaffTables } from '../tables.ts';
import type { Refused, Shown } from './claims.ts';

export type Entered = { readonly staff: StaffMember } | Refused;

const BY = { actor: 'oidc' };

export async function enterByWord(store: Store, issuer: string, shown: Shown): Promise<Entered> {
  const once = (): Promise<Entered> => store.transaction((tx) => enter(tx, issuer, shown));
  // Two of one name, at once: the second finds what the first has made.
  return once().catch((error: unknown) => (isConflict(error) ? once() : Promise.reject(error)));
}

/** He is known, and has no role any more: what is open ends. */
export async function endByWord(store: Store, issuer: string, subject: string): Promise<void> {
  await store.transaction(async (tx) => {
    const person = (await known(tx, issuer, subject)).find(({ ended_at: ended }) => ended === null);
    if (person === undefined) return;
    const sessions = await endSessionsOf(tx, person.id);
    if (sessions > 0) await audit(tx, { ...BY, act: 'staff.sessions-ended', subject: `staff:${person.name}`, why: 'by the identity provider no role is left', detail: { sessions } });
  });
}

const known = (tx: Tx, issuer: string, subject: string) => tx.db<StaffTables>().selectFrom('staff').select(['id', 'name', 'role', 'ended_at']).where('oidc_issuer', '=', issuer).where('oidc_subject', '=', subject).forUpdate().execute();

async function enter(tx: Tx, issuer: string, { subject, name, role }: Shown): Promise<Entered> {
  // Two browsers of somebody new: whoever is second looks when the first is done, and is not a stranger of the same name.
  await sql`select pg_advisory_xact_lock(hashtextextended(${`${issuer} ${subject}`}, 0))`.execute(tx.db());
  const rows = await known(tx, issuer, subject);
  const person = rows.find(({ ended_at: ended }) => ended === null);
  if (person !== undefined) {
    if (person.role === role) return { staff: { id: person.id, name: person.name, role } };
    try {
      await setRole(tx, person.name, role, { ...BY, why: 'the identity provider says so' });
    } catch (error) {
      if (isConflict(error)) return { refusal: 'last-administrator', why: `${person.name} is the last administrator here, and is to be ${role}` };
      throw error;
    }
    return { staff: { id: person.id, name: person.name, role } };
  }
  if (rows.length > 0) return { refusal: 'gone', why: `${rows[0]!.name} was removed here` };
  const linking = `causeway staff link ${name} '${subject.replaceAll("'", String.raw`'\''`)}'`;
  const called = await tx.db<StaffTables>().selectFrom('staff').select('ended_at').where('name', '=', name).execute();
  if (called.some(({ ended_at: ended }) => ended === null)) return { refusal: 'taken', why: `somebody is called ${name}; where it is the same person: ${linking}` };
  if (called.length > 0) return { refusal: 'gone', why: `somebody called ${name} was removed here; where the person is back, or another one: causeway staff add ${name} --role ${role}, then ${linking}` };
  const id = await addPerson(tx, { name, role, password: '', seal: undefined }, BY);
  await linkPerson(tx, name, { issuer, subject }, BY);
  return { staff: { id, name, role } };
}

const isConflict = (error: unknown): boolean => error instanceof CausewayError && error.code === 'conflict';
