/**
 * Signing in by a passkey, and making and removing one's own.
 *
 * Invariants: what a passkey must be is http/passkey-challenges.ts and passkey-making.ts; it is two factors, so no code is
 * asked for. Making one needs the password once more: else a machine that was left open would make a lasting key.
 */
import type { Context } from 'hono';
import type { App, AppEnv } from '#http/app.ts';
import { createAtOnce } from '#http/at-once.ts';
import { bodyOf } from '#http/body.ts';
import { createPasskeyChallenges } from '#http/passkey-challenges.ts';
import { createPasskeyMaking } from '#http/passkey-making.ts';
import type { RelyingParty } from '#http/relying-party.ts';
import type { Store } from '#store/index.ts';
import { staffPasskeyAddBody, staffPasskeyBeginBody, staffPasskeyRemoveBody, staffPasskeySignInBody } from './api.ts';
import { guarded } from './guarded.ts';
import type { KnownBrowsers } from './known-browsers.ts';
import type { OwnPassword } from './own-password.ts';
import { addPasskey, findPasskey, handleOf, listPasskeys, notePasskeyUse, removePasskey } from './passkeys.ts';
import type { Sessions } from './sessions.ts';
import { tell } from './sign-in-api.ts';

/** A signature is judged in half a millisecond; an office is one subscriber. */
const AT_ONCE = { total: 100, perSubscriber: 50 };

type Parts = {
  readonly store: Store;
  readonly sessions: Sessions;
  readonly known: KnownBrowsers;
  readonly ownPassword: OwnPassword;
  readonly rpOf: (c: Context<AppEnv>) => RelyingParty | undefined;
  readonly key: Buffer;
  readonly now: () => number;
};

export function addPasskeyApi(app: App, { store, sessions, known, ownPassword, rpOf, key, now }: Parts): void {
  const challenges = createPasskeyChallenges({ name: 'staff-challenge', key, now });
  const making = createPasskeyMaking({ name: 'staff-passkey', key, now });

  app.use('/api/staff/sign-in/passkey/*', createAtOnce(AT_ONCE));
  app.post('/api/staff/sign-in/passkey/options', async (c) => {
    const rp = rpOf(c);
    return rp === undefined ? impossible(c) : c.json((await challenges.options(c, rp)) as object);
  });

  app.post('/api/staff/sign-in/passkey/finish', async (c) => {
    const { response } = await bodyOf(c, staffPasskeySignInBody);
    const rp = rpOf(c);
    if (rp === undefined || !challenges.isOpen(c)) return tooLate(c);
    const found = await findPasskey(store, response.id, Buffer.from(response.response.userHandle, 'base64url').toString('utf8'));
    if (found === undefined) return unknown(c);
    const checked = await challenges.check(c, rp, response, Uint8Array.from(found.publicKey));
    if (checked.is !== 'right') return checked.is === 'late' ? tooLate(c) : unknown(c);
    await sessions.begin(c, found.staff, 'passkey').catch((error: unknown) => {
      checked.giveBack();
      throw error;
    });
    challenges.drop(c);
    known.remember(c, found.staff.name);
    void notePasskeyUse(store, response.id, new Date(now())).catch(() => {}); // for people to see, when it can be
    return c.json({ name: found.staff.name });
  });

  app.post('/api/staff/passkeys/options', guarded('staff.self'), async (c) => {
    const { secret } = await bodyOf(c, staffPasskeyBeginBody);
    const staff = c.get('staff');
    const rp = rpOf(c);
    if (rp === undefined) return impossible(c);
    if (!(await ownPassword(c, staff, secret))) return tell(c, 403, { code: 'rejected', sentence: 'This is not your password.' });
    return c.json((await making.options(c, rp, { id: staff.id, name: staff.name, handle: handleOf(staff.id) }, await listPasskeys(store, staff.id))) as object);
  });

  app.post('/api/staff/passkeys/add', guarded('staff.self'), async (c) => {
    const { name, response } = await bodyOf(c, staffPasskeyAddBody);
    const staff = c.get('staff');
    const rp = rpOf(c);
    if (rp === undefined) return impossible(c);
    const made = await making.verify(c, rp, staff.id, response);
    if (made === 'late') return tooLate(c);
    if (made === 'wrong') return tell(c, 403, { code: 'passkey', sentence: 'This device did not make a passkey that can be used here. Please try another one.' });
    await store.transaction((tx) => addPasskey(tx, staff, { id: made.id, name, publicKey: made.publicKey }));
    return c.json({ id: made.id });
  });

  app.post('/api/staff/passkeys/remove', guarded('staff.self'), async (c) => {
    const { id } = await bodyOf(c, staffPasskeyRemoveBody);
    await store.transaction((tx) => removePasskey(tx, c.get('staff'), id));
    return c.json({});
  });
}

type C = Context<AppEnv>;
const impossible = (c: C): Response => tell(c, 403, { code: 'passkey', sentence: 'Passkeys cannot be used at this address.' });
const unknown = (c: C): Response => tell(c, 403, { code: 'passkey', sentence: 'This passkey is not known here. It may have been removed. Please sign in with your password.' });
const tooLate = (c: C): Response => tell(c, 409, { code: 'too-late', sentence: 'That took a little too long. Please try once more.' });
