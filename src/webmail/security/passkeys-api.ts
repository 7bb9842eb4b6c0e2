/**
 * An account's passkeys: made, named and removed by its owner, who has shown the password.
 *
 * Invariant: a change needs the password, shown a moment ago; what a key must be, and for how long it may be made, is
 * `http/passkey-making.ts`.
 */
import type { Context } from 'hono';
import { addPasskey, listPasskeys, removePasskey, renamePasskey } from '#directory/index.ts';
import type { App, AppEnv } from '#http/app.ts';
import type { Store } from '#store/index.ts';
import { bodyOf } from '#http/body.ts';
import { refusing } from '../refusal.ts';
import { passkeyAddBody, passkeyRemoveBody, passkeyRenameBody } from './api.ts';
import { userHandleOf } from './passkey-sign-in.ts';
import { createPasskeyMaking } from '#http/passkey-making.ts';
import type { RelyingParty } from '#http/relying-party.ts';
import type { SignedIn } from './signed-in.ts';

const BY = { actor: 'customer' };

type Parts = { readonly signedIn: SignedIn; readonly rpOf: (c: Context<AppEnv>) => RelyingParty | undefined; readonly store: Store; readonly key: Buffer; readonly now: () => number };

export function addPasskeysApi(app: App, { signedIn, rpOf, store, key, now }: Parts): void {
  const making = createPasskeyMaking({ name: 'passkey', key, now });

  app.post('/api/security/passkeys/options', async (c) => {
    const { pass, customer } = await signedIn.sure(c);
    const rp = rpOf(c);
    if (rp === undefined) throw impossible();
    const have = await listPasskeys(store, pass.accountId);
    return c.json(await making.options(c, rp, { id: pass.accountId, name: customer.address, handle: userHandleOf(pass.accountId) }, have));
  });

  app.post('/api/security/passkeys/add', async (c) => {
    const { pass } = await signedIn.sure(c);
    const { name, response } = await bodyOf(c, passkeyAddBody);
    const rp = rpOf(c);
    if (rp === undefined) throw impossible();
    const made = await making.verify(c, rp, pass.accountId, response);
    if (made === 'late') throw refusing({ status: 409, code: 'too-late', sentence: 'That took a little too long. Please begin again.' });
    if (made === 'wrong') throw refusing({ status: 403, code: 'passkey', sentence: 'This device did not make a passkey that can be used here. Please try another one.' });
    await store.transaction((tx) => addPasskey(tx, pass.accountId, { id: made.id, publicKey: made.publicKey, transports: response.response.transports ?? [], name, synced: made.synced }, BY));
    return c.json({ id: made.id });
  });

  app.post('/api/security/passkeys/rename', async (c) => {
    const { pass } = await signedIn.owner(c);
    const { id, name } = await bodyOf(c, passkeyRenameBody);
    await store.transaction((tx) => renamePasskey(tx, pass.accountId, id, name, BY));
    return c.json({});
  });

  app.post('/api/security/passkeys/remove', async (c) => {
    const { pass } = await signedIn.sure(c);
    const { id } = await bodyOf(c, passkeyRemoveBody);
    await store.transaction((tx) => removePasskey(tx, pass.accountId, id, BY));
    return c.json({});
  });
}

const impossible = (): Error => refusing({ status: 403, code: 'passkey', sentence: 'Passkeys cannot be used at this address.' });
