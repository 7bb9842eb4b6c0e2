/** Ends the locks of an account on every instance, the hundred's ceiling too. A network that tries many accounts stays stopped. */
import { unlockAccount } from '#directory/index.ts';
import { forgetToldLocks } from '#signin/locks/told.ts';
import type { DeskAct } from './act.ts';

export const unlock: DeskAct<'unlock'> = {
  async run(tx, accountId, _body, by) {
    await unlockAccount(tx, accountId, by);
    await forgetToldLocks(tx, accountId);
    return {};
  },
};
