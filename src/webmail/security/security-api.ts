/**
 * By what an account signs in, for its owner: what there is, from where it was used, app passwords, and the password
 * itself.
 *
 * Invariants: a password shown here is judged by sign-in, with its locks, and answered in its words; an app password is none.
 * What is made is shown once. After a change of the password this browser stays signed in, and no other does.
 */
import type { Context } from 'hono';
import { createAppPassword, listAppPasswords, listPasskeys, listSignIns, type PlatformFacts, readSecondStep, revokeAppPassword } from '#directory/index.ts';
import { endWebSessions, noteWebSession } from '#directory/secrets/web-session.ts';
import { CausewayError } from '#errors/index.ts';
import type { AskAccount } from '#gateway/ask-account.ts';
import type { AskSignIn } from '#gateway/ask-sign-in.ts';
import type { App, AppEnv } from '#http/app.ts';
import { createAtOnce } from '#http/at-once.ts';
import { addressOf } from '#http/server.ts';
import type { Pass } from '#signin/pass.ts';
import type { Store } from '#store/index.ts';
import { bodyOf } from '#http/body.ts';
import { makePass, type PassSeal, setPassCookie } from '../pass-cookie.ts';
import { refusalOf, refusing } from '../refusal.ts';
import type { SessionNotes } from '../session-notes.ts';
import { appPasswordBody, appPasswordRevokeBody, confirmBody, passwordBody } from './api.ts';
import { deviceOf } from './enter.ts';
import type { RelyingParty } from '#http/relying-party.ts';
import type { SignedIn } from './signed-in.ts';

const BY = { actor: 'customer' };
/** Of one subscriber: a household's. Each may ask sign-in and the store. */
const AT_ONCE = { total: 200, perSubscriber: 20 };
/** In which an instance hears of a change by the store's feed, with plenty to spare. */
const HEARD_MS = 5_000;
const LOOK_MS = 50;

export type SecurityParts = {
  readonly signedIn: SignedIn;
  readonly ask: AskSignIn['ask'];
  readonly account: Pick<AskAccount, 'keysOf' | 'changeOwn'>;
  readonly rpOf: (c: Context<AppEnv>) => RelyingParty | undefined;
  /** Whether what is sealed can be kept. */
  readonly keyLasts: boolean;
  readonly facts: PlatformFacts;
  readonly seal: PassSeal;
  readonly notes: SessionNotes;
  readonly store: Store;
  readonly holdBack: (since: number, signal: AbortSignal) => Promise<void>;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly now: () => number;
  readonly monotonic: () => number;
};

export function addSecurityApi(app: App, { signedIn, ask, account, rpOf, keyLasts, facts, seal, notes, store, holdBack, sleep, now, monotonic }: SecurityParts): void {
  app.use('/api/security/*', createAtOnce(AT_ONCE));
  app.use('/api/security', createAtOnce(AT_ONCE));

  app.get('/api/security', async (c) => {
    const { pass, customer } = await signedIn.owner(c);
    const { accountId } = pass;
    const [passkeys, secondStep, appPasswords] = await Promise.all([listPasskeys(store, accountId), readSecondStep(store, accountId), listAppPasswords(store, accountId)]);
    return c.json({
      address: customer.address,
      sure: signedIn.isSure(c, pass),
      passkeys: { possible: rpOf(c) !== undefined, list: passkeys.map(({ id, name, synced, createdAt, lastUsedAt }) => ({ id, name, synced, createdAt, lastUsedAt })) },
      secondStep: { possible: keyLasts, on: secondStep ?? null },
      appPasswords: appPasswords.filter(({ revokedAt }) => revokedAt === null).map(({ id, label, scope, createdAt, lastUsedAt }) => ({ id, label, scope, createdAt, lastUsedAt })),
    });
  });

  app.get('/api/security/history', async (c) => {
    const { pass } = await signedIn.owner(c);
    return c.json({ signIns: await listSignIns(store, pass.accountId) });
  });

  app.post('/api/security/confirm', async (c) => {
    const { pass, customer } = await signedIn.owner(c);
    const { secret } = await bodyOf(c, confirmBody);
    const since = monotonic();
    const { signal } = c.req.raw;
    const login = customer.loginNames[0] ?? customer.address;
    const { verdict, place } = await ask({ protocol: 'webmail', login, secret, network: addressOf(c.env), device: deviceOf(c) }, signal);
    if (place === undefined) {
      await holdBack(since, signal);
      throw refusalOf(verdict);
    }
    place.leave();
    if (verdict.accountId !== pass.accountId) throw new CausewayError('internal', 'a login name of an account is another one’s');
    if (verdict.customer?.byAppPassword === true) throw refusing({ status: 403, code: 'scope', sentence: 'That is an app password. Please enter the password of your account.' });
    signedIn.becomeSure(c, pass);
    return c.json({});
  });

  app.post('/api/security/app-passwords/make', async (c) => {
    const { pass } = await signedIn.sure(c);
    const { label, scope } = await bodyOf(c, appPasswordBody);
    const made = await store.transaction((tx) => createAppPassword(tx, pass.accountId, { label, scope, by: BY, facts }));
    return c.json(made);
  });

  app.post('/api/security/app-passwords/revoke', async (c) => {
    const { pass } = await signedIn.owner(c);
    const { id } = await bodyOf(c, appPasswordRevokeBody);
    await store.transaction((tx) => revokeAppPassword(tx, pass.accountId, id, BY));
    return c.json({});
  });

  app.post('/api/security/password', async (c) => {
    const { pass, customer } = await signedIn.owner(c);
    const { old, secret } = await bodyOf(c, passwordBody);
    const since = monotonic();
    const set = await account.changeOwn({ login: customer.loginNames[0] ?? customer.address, old, secret, protocol: 'webmail', network: addressOf(c.env), device: deviceOf(c) });
    if (set.outcome === 'refused') {
      await holdBack(since, c.req.raw.signal);
      throw refusalOf(set.verdict);
    }
    if (set.outcome === 'changed') await staySignedIn(c, pass);
    return c.json({ outcome: set.outcome });
  });

  /** The pass ended with the password that it was made for. */
  async function staySignedIn(c: Context<AppEnv>, { accountId, version, madeAt }: Pass): Promise<void> {
    const { signal } = c.req.raw;
    for (const until = monotonic() + HEARD_MS; monotonic() < until; await sleep(LOOK_MS, signal)) {
      const keys = await account.keysOf(accountId);
      if (keys === undefined) return;
      if (keys.version === version) continue;
      const next = makePass(accountId, keys.version, madeAt);
      const here = { network: addressOf(c.env), device: deviceOf(c) };
      notes.seen(next, here);
      // With the window: whether this browser was to keep its pass longer is not known here.
      setPassCookie(c, seal.seal(next), false);
      signedIn.becomeSure(c, next);
      return store
        .transaction(async (tx) => {
          await noteWebSession(tx, accountId, { id: next.id, madeAt: new Date(madeAt), seenAt: new Date(now()), ...here });
          await endWebSessions(tx, accountId, { allBut: next.id });
        })
        .catch(() => {}); // they are over, listed or not
    }
  }
}
