/** Carries the account back to where its last move took it from: what a second person has approved. Taken back while it is not in its hold. */
import { z } from 'zod';
import { cancelMove, requestRollback } from '#mover/index.ts';
import type { DeskAct } from './act.ts';

const keptSchema = z.object({ move: z.int() });

export const rollBack: DeskAct<'roll-back'> = {
  run: async (tx, accountId, _body, { actor, why }) => ({ kept: { move: await requestRollback(tx, { accountId, actor, why }) } }),
  undo: (tx, _accountId, kept, by) => cancelMove(tx, keptSchema.parse(kept).move, by),
};
