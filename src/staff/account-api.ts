/** What somebody of the staff sees and changes of himself: name, role, sessions, password; and who else works here. */
import type { Context } from 'hono';
import type { App, AppEnv } from '#http/app.ts';
import { bodyOf } from '#http/body.ts';
import type { RelyingParty } from '#http/relying-party.ts';
import { type Hasher, newSecretFault } from '#signin/index.ts';
import type { Store } from '#store/index.ts';
import { actsOf } from './acts.ts';
import { PASSWORD_LEAST, staffPasswordBody, staffSessionEndBody } from './api.ts';
import { guarded } from './guarded.ts';
import type { OwnPassword } from './own-password.ts';
import { listPasskeys } from './passkeys.ts';
import { changePassword, keysById, listStaff } from './people.ts';
import type { Sessions } from './sessions.ts';
import { tell } from './sign-in-api.ts';

type Parts = {
  readonly store: Store;
  readonly hasher: Pick<Hasher, 'makeInTurn'>;
  readonly sessions: Sessions;
  readonly ownPassword: OwnPassword;
  readonly rpOf: (c: Context<AppEnv>) => RelyingParty | undefined;
};

export function addAccountApi(app: App, { store, hasher, sessions, ownPassword, rpOf }: Parts): void {
  app.get('/api/staff/me', guarded('staff.self'), (c) => {
    const staff = c.get('staff');
    return c.json({ ...staff, acts: actsOf(staff.role) });
  });

  app.get('/api/staff/people', guarded('staff.list'), async (c) => c.json({ people: (await listStaff(store)).map(({ id, name, role }) => ({ id, name, role })) }));

  app.get('/api/staff/security', guarded('staff.self'), async (c) => {
    const { id } = c.get('staff');
    const current = c.get('sessionId');
    const [keys, listed, passkeys] = await Promise.all([keysById(store, id), sessions.list(id), listPasskeys(store, id)]);
    return c.json({
      code: keys?.code !== null && keys !== undefined,
      password: keys !== undefined && keys.password !== '',
      passkeysPossible: rpOf(c) !== undefined,
      sessions: listed.map((session) => ({ ...session, current: session.id === current })),
      passkeys,
    });
  });

  app.post('/api/staff/sessions/end', guarded('staff.self'), async (c) => {
    const which = await bodyOf(c, staffSessionEndBody);
    const ended = await sessions.endSome(c.get('staff'), 'id' in which ? which : { allBut: c.get('sessionId') });
    return c.json({ ended });
  });

  app.post('/api/staff/password', guarded('staff.self'), async (c) => {
    const { old, secret } = await bodyOf(c, staffPasswordBody);
    const staff = c.get('staff');
    if (!(await ownPassword(c, staff, old))) return tell(c, 403, { code: 'rejected', sentence: 'The present password is not right.' });
    const fault = newSecretFault(secret, [staff.name]);
    if (fault !== undefined) return tell(c, 422, { code: 'input', sentence: fault.text });
    if ([...secret].length < PASSWORD_LEAST) return tell(c, 422, { code: 'input', sentence: `The password must have at least ${PASSWORD_LEAST} characters: four words do.` });
    const made = await hasher.makeInTurn(secret);
    await store.transaction((tx) => changePassword(tx, staff, made, c.get('sessionId')));
    return c.json({});
  });
}
