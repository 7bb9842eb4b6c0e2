/** A password for one device, made and shown once. Taken back, it serves no more, and what signed in by it is ended. */
import { createAppPassword, revokeAppPassword } from '#directory/index.ts';
import { z } from 'zod';
import type { DeskAct } from './act.ts';

/** What a mail program on a phone needs. */
const SCOPE = ['imap', 'pop3', 'submission'] as const;
const keptSchema = z.object({ appPassword: z.int() });

export const appPassword: DeskAct<'app-password'> = {
  async run(tx, accountId, { label }, by, { facts }) {
    const { id, secret } = await createAppPassword(tx, accountId, { label, scope: SCOPE, by, facts });
    return { shown: { kind: 'app-password', label, secret }, kept: { appPassword: id } };
  },
  async undo(tx, accountId, kept, by) {
    await revokeAppPassword(tx, accountId, keptSchema.parse(kept).appPassword, by);
  },
};
