/** A one-time link by which the customer sets a new password, good for an hour. Taken back, it serves no more. */
import { createResetLink, withdrawResetLink } from '#directory/index.ts';
import { CausewayError } from '#errors/index.ts';
import type { DeskAct } from './act.ts';

export const resetLink: DeskAct<'reset-link'> = {
  async run(tx, accountId, _body, by, { config, facts }) {
    const { token, expiresAt } = await createResetLink(tx, accountId, { by, facts });
    const pages = config.listen.selfcare?.url;
    return { shown: { kind: 'reset-link', token, expiresAt: expiresAt.getTime(), ...(pages === undefined ? {} : { url: `${pages}/reset/${token}` }) } };
  },
  async undo(tx, accountId, _kept, by) {
    if (!(await withdrawResetLink(tx, accountId, by))) throw new CausewayError('conflict', 'the link was used, or its hour is over', { customerText: 'The link was used already, or its hour is over.' });
  },
};
