/**
 * The API for the provider's own systems: accounts are made, stopped, renamed and given secrets.
 *
 * Invariants: only callers with a token come in. What changes an account is idempotent and sequenced (see
 * directory/provisioning), and audited with the caller's name. A secret is in a request's body and in no answer, but for
 * the app password that is shown once. While the store is gone, all of it is 503, and sign-in goes on.
 */
import { changeNumber } from '#directory/progress.ts';
import {
  type Entry, type ProvisioningChange, type PlatformFacts,
  confirmationsOf, createAppPassword, createResetLink, findAccount, listAppPasswords, provision, revokeAppPassword,
} from '#directory/index.ts';
import { CausewayError } from '#errors/index.ts';
import type { Clock } from '#events/clock.ts';
import type { Emit } from '#events/index.ts';
import { type App, type AppEnv, createApp, tellInJson } from '#http/app.ts';
import { createAtOnce } from '#http/at-once.ts';
import { createBearer } from '#http/bearer.ts';
import type { Secrets } from '#signin/index.ts';
import type { Store } from '#store/index.ts';
import type { Context } from 'hono';
import { appPasswordBody, createBody, customerBody, namesBody, passwordBody, renameBody, resetLinkBody, type SecretChange, type StateAct, stateBody, STATES } from './api.ts';
import { body, keyOf } from './read.ts';

export type ProvisioningOptions = {
  readonly store: Store;
  readonly secrets: Secrets;
  readonly facts: PlatformFacts;
  /** Why a hash cannot be checked here; undefined when it can. */
  readonly hashFault: (encoded: string) => string | undefined;
  /** By the caller's name. */
  readonly tokens: ReadonlyMap<string, { reveal(): string }>;
  /** Where customers find the page for a reset link: `https://password.isp.example`. Undefined: they have none. */
  readonly pages: string | undefined;
  readonly clock: Clock;
  readonly emit: Emit;
};

/** Above the store's connections they only wait; a billing run that sends more gets 503 and comes again. */
const AT_ONCE = 100;

type Ctx = Context<AppEnv>;

export function createProvisioningApp(options: ProvisioningOptions): App {
  const { store, secrets, facts, hashFault, tokens, pages, clock, emit } = options;
  const app = createApp(emit, tellInJson);
  app.use('/v1/*', createBearer({ tokens, clock, emit }), createAtOnce({ total: AT_ONCE, perSubscriber: AT_ONCE }));

  const actorOf = (c: Ctx): string => `api:${c.get('caller')}`;

  /** @throws CausewayError('not-found') */
  async function accountOf(c: Ctx): Promise<Entry> {
    const name = c.req.param('account') ?? '';
    const entry = await findAccount(store, name);
    if (entry === undefined) throw new CausewayError('not-found', `there is no account ${name}`);
    return entry;
  }

  async function change(c: Ctx, { why, sequence, ...asked }: ProvisioningChange & { why?: string | undefined; sequence: number }, setSecret?: Setting): Promise<Response> {
    const key = keyOf(c);
    const by = { actor: actorOf(c), why };
    const { answer, number } = await store.transaction(async (tx) => {
      const given = await provision(tx, { ...(asked as ProvisioningChange), key, sequence }, { by, facts, hashFault, ...(setSecret === undefined ? {} : { setSecret }) });
      return { answer: given, number: await changeNumber(tx) };
    });
    const secret = asked.act === 'secret' || asked.act === 'secret-in-clear';
    return c.json({ ...answer, ...(secret ? { change: number } : {}) }, asked.act === 'create' ? 201 : 200);
  }

  app.post('/v1/accounts', async (c) => change(c, { act: 'create', ...(await body(c, createBody)) }));
  app.get('/v1/accounts/:account', async (c) => {
    const { account, route } = await accountOf(c);
    const { id, address, state, authority, loginNames, recipients } = account;
    return c.json({ id, address, state, home: route.home, authority, loginNames, recipients });
  });
  for (const act of Object.keys(STATES) as StateAct[]) {
    app.post(`/v1/accounts/:account/${act}`, async (c) => change(c, { act: 'state', account: c.req.param('account'), state: STATES[act], ...(await body(c, stateBody)) }));
  }
  app.post('/v1/accounts/:account/rename', async (c) => change(c, { act: 'rename', account: c.req.param('account'), ...(await body(c, renameBody)) }));
  app.post('/v1/accounts/:account/names', async (c) => change(c, { act: 'names', account: c.req.param('account'), ...(await body(c, namesBody)) }));

  app.post('/v1/accounts/:account/customer', async (c) => change(c, { act: 'customer', account: c.req.param('account'), ...(await body(c, customerBody)) }));

  app.post('/v1/accounts/:account/password', async (c) => {
    const given = await body(c, passwordBody);
    const account = c.req.param('account');
    if ('hash' in given) return change(c, { act: 'secret', account, ...given });
    const { password, ...rest } = given;
    const { id } = (await accountOf(c)).account;
    const write = await secrets.prepare(id, password);
    return change(c, { act: 'secret-in-clear', account, ...rest }, async (tx, accountId) => {
      if (accountId !== id) throw new CausewayError('conflict', 'the name went to another account in this moment', { retryable: true });
      const set = await write(tx, { by: { actor: actorOf(c), why: rest.why }, act: 'account.secret-reset' });
      return set.outcome === 'asked' ? set.platform : undefined;
    });
  });
  app.get('/v1/accounts/:account/secret-changes/:change', async (c) => {
    await accountOf(c);
    const number = c.req.param('change');
    if (!/^[1-9][0-9]{0,18}$/.test(number)) throw new CausewayError('input', 'a change has a number, from the answer to it');
    const { confirmed, notYet } = await confirmationsOf(store, number);
    return c.json({ confirmed, notYet: notYet.map(({ instance, since }) => ({ instance, since: since?.toISOString() })) } satisfies SecretChange);
  });

  app.get('/v1/accounts/:account/app-passwords', async (c) => c.json({ appPasswords: await listAppPasswords(store, (await accountOf(c)).account.id) }));
  app.post('/v1/accounts/:account/app-passwords', async (c) => {
    const { label, scope, why } = await body(c, appPasswordBody);
    const { id } = (await accountOf(c)).account;
    const made = await store.transaction((tx) => createAppPassword(tx, id, { label, scope, by: { actor: actorOf(c), why }, facts }));
    return c.json(made, 201);
  });
  app.delete('/v1/accounts/:account/app-passwords/:id', async (c) => {
    const { account } = await accountOf(c);
    const id = Number(c.req.param('id'));
    if (!Number.isSafeInteger(id)) throw new CausewayError('not-found', 'an app password has a number');
    return c.json(await store.transaction((tx) => revokeAppPassword(tx, account.id, id, { actor: actorOf(c) })));
  });

  app.post('/v1/accounts/:account/reset-links', async (c) => {
    const { why } = await body(c, resetLinkBody);
    const { id } = (await accountOf(c)).account;
    const { token, expiresAt } = await store.transaction((tx) => createResetLink(tx, id, { by: { actor: actorOf(c), why }, facts }));
    return c.json({ token, expiresAt, ...(pages === undefined ? {} : { url: `${pages}/reset/${token}` }) }, 201);
  });
  return app;
}

type Setting = NonNullable<Parameters<typeof provision>[2]['setSecret']>;
