/** Says that an account is touched by a declared incident, although no machine saw it; a live case of the account goes with it, so that updates answer it. */
import { z } from 'zod';
import { CausewayError } from '#errors/index.ts';
import { audit, type Tx } from '#store/index.ts';
import { linkLiveCase, unlinkCase } from '../cases/link.ts';
import type { By, DeskAct } from './act.ts';
import type { DeskActTables } from './tables.ts';

const keptSchema = z.object({ incident: z.string(), case: z.number().optional() });
type Declared = { declared_incident: { id: string; ended_at: Date | null } };

export const attachIncident: DeskAct<'attach-incident'> = {
  async run(tx, accountId, { incident }, by) {
    const open = await tx.db<Declared>().selectFrom('declared_incident').select('ended_at').where('id', '=', incident).executeTakeFirst();
    if (open === undefined) throw new CausewayError('not-found', 'there is no such incident', { customerText: 'There is no such incident.' });
    if (open.ended_at !== null) throw new CausewayError('conflict', 'the incident is over', { customerText: 'This incident is over.' });
    const { numInsertedOrUpdatedRows } = await tx
      .db<DeskActTables>()
      .insertInto('account_incident')
      .values({ account_id: accountId, incident_id: incident, by: by.actor })
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst();
    if (numInsertedOrUpdatedRows === 0n) throw new CausewayError('conflict', 'the account is attached to it already', { customerText: 'This account is attached to it already.' });
    await note(tx, 'account.incident-attached', accountId, incident, by);
    const linked = await linkLiveCase(tx, { account: accountId, incident, by: by.actor });
    return { kept: { incident, ...(linked === undefined ? {} : { case: linked }) } };
  },
  async undo(tx, accountId, kept, by) {
    const { incident, case: linked } = keptSchema.parse(kept);
    if (linked !== undefined) await unlinkCase(tx, { id: linked, incident, by: by.actor });
    await tx.db<DeskActTables>().deleteFrom('account_incident').where('account_id', '=', accountId).where('incident_id', '=', incident).execute();
    await note(tx, 'account.incident-detached', accountId, incident, by);
  },
};

function note(tx: Tx, act: string, accountId: number, incident: string, { actor, why }: By): Promise<void> {
  return audit(tx, { actor, act, subject: `account:${accountId}`, why, detail: { incident } });
}
