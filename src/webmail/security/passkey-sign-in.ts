/**
 * Signing in by a passkey, without a name: the browser shows which ones it has (WebAuthn Level 3, 7.2).
 *
 * Invariants: a key is what `serve` knows of the account in memory, so this needs neither store nor platform; the
 * account's state is obeyed as for any pass. A challenge serves once, and a passkey is two factors (http/passkey-challenges.ts),
 * so no code is asked for. Nothing here is ever "rejected": that word is for passwords.
 */
import type { Context } from 'hono';
import { notePasskeyUse } from '#directory/index.ts';
import type { AskAccount } from '#gateway/ask-account.ts';
import type { App, AppEnv } from '#http/app.ts';
import { createAtOnce } from '#http/at-once.ts';
import { bodyOf } from '#http/body.ts';
import { createPasskeyChallenges } from '#http/passkey-challenges.ts';
import type { RelyingParty } from '#http/relying-party.ts';
import { addressOf } from '#http/server.ts';
import type { History } from '#signin/history.ts';
import type { Store } from '#store/index.ts';
import { refusing } from '../refusal.ts';
import { passkeySignInBody } from './api.ts';
import { deviceOf, type Enter } from './enter.ts';

/** A signature is judged in half a millisecond. */
const AT_ONCE = { total: 200, perSubscriber: 20 };
const PREFIX = 'account ';

/** A passkey's own name of its account: the authenticator keeps it, and gives it with the signature. No personal data. */
export const userHandleOf = (accountId: number): Uint8Array<ArrayBuffer> => Uint8Array.from(Buffer.from(`${PREFIX}${accountId}`));

export type PasskeySignInParts = {
  readonly rpOf: (c: Context<AppEnv>) => RelyingParty | undefined;
  readonly keysOf: AskAccount['keysOf'];
  readonly enter: Enter;
  readonly history: History;
  readonly store: Store;
  readonly key: Buffer;
  readonly now: () => number;
};

export function addPasskeySignIn(app: App, { rpOf, keysOf, enter, history, store, key, now }: PasskeySignInParts): void {
  const challenges = createPasskeyChallenges({ name: 'challenge', key, now });

  app.use('/api/sign-in/passkey/*', createAtOnce(AT_ONCE));
  app.post('/api/sign-in/passkey/options', async (c) => {
    const rp = rpOf(c);
    if (rp === undefined) throw unknown();
    return c.json(await challenges.options(c, rp));
  });

  app.post('/api/sign-in/passkey/finish', async (c) => {
    const { response, stay } = await bodyOf(c, passkeySignInBody);
    const rp = rpOf(c);
    if (rp === undefined || !challenges.isOpen(c)) throw tooLate();
    const handle = Buffer.from(response.response.userHandle, 'base64url').toString('utf8');
    const accountId = handle.startsWith(PREFIX) ? Number(handle.slice(PREFIX.length)) : Number.NaN;
    const keys = Number.isSafeInteger(accountId) ? await keysOf(accountId) : undefined;
    const found = keys?.passkeys.find(({ id }) => id === response.id);
    if (keys === undefined || found === undefined) throw unknown();
    const checked = await challenges.check(c, rp, response, Uint8Array.from(Buffer.from(found.publicKey, 'base64')));
    if (checked.is !== 'right') throw checked.is === 'late' ? tooLate() : unknown();
    const { address } = await enter(c, { accountId, version: keys.version, stay }).catch((error: unknown) => {
      // Held or out of order: the same signature is shown again in a moment, without asking its owner.
      checked.giveBack();
      throw error;
    });
    challenges.drop(c);
    history.note({ accountId, protocol: 'webmail', network: addressOf(c.env), device: deviceOf(c), outcome: 'accepted', means: 'passkey', reason: '' });
    void notePasskeyUse(store, found.id, new Date(now())).catch(() => {}); // for people to see, when it can be
    return c.json({ address });
  });
}

const unknown = (): Error => refusing({ status: 403, code: 'passkey', sentence: 'This passkey is not known here. It may have been removed. Please sign in with your password: nothing is wrong with it.' });
const tooLate = (): Error => refusing({ status: 409, code: 'too-late', sentence: 'That took a little too long. Please try the passkey once more.' });
