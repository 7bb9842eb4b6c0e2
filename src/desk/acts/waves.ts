/** Earlier, later, or not at all: an account's place in the plan that is going on. */
import { sql } from 'kysely';
import { z } from 'zod';
import { holdBack, letGo, placeInWave } from '#cutover/hold-back.ts';
import { CausewayError } from '#errors/index.ts';
import type { Tx } from '#store/index.ts';
import type { By, DeskAct, Done } from './act.ts';

const keptSchema = z.object({ from: z.int() });

type Place = { from: number; fromName: string; to: number | null; toName: string | null };

/** The wave of the account, and the next open one before or after it. */
async function placeOf(tx: Tx, accountId: number, step: 'earlier' | 'later'): Promise<Place> {
  const next = step === 'earlier' ? sql`n.number < w.number order by n.number desc` : sql`n.number > w.number order by n.number`;
  const { rows } = await sql<Place>`
    select w.number as "from", w.name as "fromName", t.number as "to", t.name as "toName"
    from wave_account wa join wave w on w.id = wa.wave_id join plan p on p.id = w.plan_id and p.state in ('running', 'paused')
    left join lateral (select n.number, n.name from wave n where n.plan_id = p.id and n.state <> 'done' and ${next} limit 1) t on true
    where wa.account_id = ${accountId} order by w.number desc limit 1`.execute(tx.db());
  const [place] = rows;
  if (place === undefined) throw new CausewayError('conflict', 'the account is in no wave of a plan that is going on', { customerText: 'This account is in no wave of a plan that is going on.' });
  return place;
}

async function shift(tx: Tx, accountId: number, step: 'earlier' | 'later', by: By): Promise<Done> {
  const { from, fromName, to, toName } = await placeOf(tx, accountId, step);
  if (to === null || toName === null) throw new CausewayError('conflict', `no open wave is ${step} than ${fromName}`, { customerText: `No wave that is still open is ${step} than “${fromName}”.` });
  await placeInWave(tx, accountId, to, by);
  return { shown: { kind: 'wave', from: fromName, to: toName }, kept: { from } };
}

const undo: DeskAct['undo'] = (tx, accountId, kept, by) => placeInWave(tx, accountId, keptSchema.parse(kept).from, by);

export const moveEarlier: DeskAct<'move-earlier'> = { run: (tx, accountId, _body, by) => shift(tx, accountId, 'earlier', by), undo };
export const moveLater: DeskAct<'move-later'> = { run: (tx, accountId, _body, by) => shift(tx, accountId, 'later', by), undo };

export const holdBackAct: DeskAct<'hold-back'> = {
  async run(tx, accountId, _body, by) {
    if (!(await holdBack(tx, accountId, by))) throw new CausewayError('conflict', 'the account is held back already', { customerText: 'This account is held back already.' });
    return {};
  },
  async undo(tx, accountId, _kept, by) {
    if (!(await letGo(tx, accountId, by))) throw new CausewayError('conflict', 'the account is not held back any more', { customerText: 'This account is not held back any more.' });
  },
};
