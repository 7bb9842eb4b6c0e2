/** The staff's passkeys in the store: the public half only. */
import { CausewayError } from '#errors/index.ts';
import { audit, isUniqueViolation, type Store, type Tx } from '#store/index.ts';
import type { StaffMember } from './api.ts';
import type { StaffTables } from './tables.ts';

/** A person has a key ring and a few machines. */
const MOST = 10;
const PREFIX = 'staff ';

export type StaffPasskey = { readonly id: string; readonly name: string; readonly madeAt: Date; readonly usedAt: Date | null };

/** A passkey's own name of its owner. */
export const handleOf = (id: number): Uint8Array<ArrayBuffer> => Uint8Array.from(Buffer.from(`${PREFIX}${id}`));

export function listPasskeys(store: Pick<Store, 'db'>, staffId: number): Promise<StaffPasskey[]> {
  return store.db<StaffTables>().selectFrom('staff_passkey').select(['id', 'name', 'made_at as madeAt', 'used_at as usedAt']).where('staff_id', '=', staffId).orderBy('made_at').execute();
}

/** Whose it is, and by what its signatures are judged. */
export async function findPasskey(store: Pick<Store, 'db'>, id: string, handle: string): Promise<{ staff: StaffMember; publicKey: Buffer } | undefined> {
  const row = await store
    .db<StaffTables>()
    .selectFrom('staff_passkey as p')
    .innerJoin('staff', 'staff.id', 'p.staff_id')
    .select(['staff.id', 'staff.name', 'staff.role', 'p.public_key'])
    .where('p.id', '=', id)
    .where('staff.ended_at', 'is', null)
    .executeTakeFirst();
  if (row === undefined || handle !== `${PREFIX}${row.id}`) return undefined;
  return { staff: { id: row.id, name: row.name, role: row.role }, publicKey: row.public_key };
}

export async function notePasskeyUse(store: Pick<Store, 'db'>, id: string, at: Date): Promise<void> {
  await store.db<StaffTables>().updateTable('staff_passkey').set({ used_at: at }).where('id', '=', id).execute();
}

/** @throws CausewayError `conflict` for one that is there, `limit` for one too many */
export async function addPasskey(tx: Tx, staff: StaffMember, passkey: { readonly id: string; readonly name: string; readonly publicKey: Uint8Array }): Promise<void> {
  const db = tx.db<StaffTables>();
  // So that two at once are counted one after the other.
  await db.selectFrom('staff').select('id').where('id', '=', staff.id).forUpdate().execute();
  const { count } = await db.selectFrom('staff_passkey').select(({ fn }) => fn.countAll<string>().as('count')).where('staff_id', '=', staff.id).executeTakeFirstOrThrow();
  if (Number(count) >= MOST) throw new CausewayError('limit', `a person has at most ${MOST} passkeys`, { customerText: 'You have ten passkeys already. Please remove one first.' });
  await db
    .insertInto('staff_passkey')
    .values({ id: passkey.id, staff_id: staff.id, name: passkey.name, public_key: Buffer.from(passkey.publicKey), used_at: null })
    .execute()
    .catch((error: unknown) => {
      throw isUniqueViolation(error) ? new CausewayError('conflict', 'this passkey is known already') : error;
    });
  await audit(tx, { actor: `staff:${staff.name}`, act: 'staff.passkey-added', subject: `staff:${staff.name}`, detail: { name: passkey.name } });
}

/** @throws CausewayError `not-found` */
export async function removePasskey(tx: Tx, staff: StaffMember, id: string): Promise<void> {
  const { numDeletedRows } = await tx.db<StaffTables>().deleteFrom('staff_passkey').where('id', '=', id).where('staff_id', '=', staff.id).executeTakeFirstOrThrow();
  if (numDeletedRows === 0n) throw new CausewayError('not-found', 'there is no such passkey');
  await audit(tx, { actor: `staff:${staff.name}`, act: 'staff.passkey-removed', subject: `staff:${staff.name}` });
}
