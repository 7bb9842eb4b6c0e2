/** Ends all that is signed in: mail programs come back with what they have, browsers sign in anew. */
import { endAllSessions } from '#directory/index.ts';
import type { DeskAct } from './act.ts';

export const endSessions: DeskAct<'end-sessions'> = {
  async run(tx, accountId, _body, by) {
    await endAllSessions(tx, accountId, by);
    return {};
  },
};
