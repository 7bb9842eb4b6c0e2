/**
 * Cases by the provider's own desk, beside the API of accounts: the same listener, the same callers.
 *
 * Invariants: callers are known by their token before any of this (provisioning/app.ts). What makes something is idempotent
 * by its key, and audited with the caller's name. An account is named as the provider names it: by its address, a login
 * name or a recipient.
 */
import { createHash } from 'node:crypto';
import type { Context } from 'hono';
import { findAccount } from '#directory/index.ts';
import { CausewayError } from '#errors/index.ts';
import type { App, AppEnv } from '#http/app.ts';
import { body, keyOf } from '#provisioning/read.ts';
import type { Store } from '#store/index.ts';
import { addEntry, closeCase, reopenCase } from './acts.ts';
import { apiCaseBody, apiCloseBody, apiEntryBody } from './api.ts';
import { numberOf } from './number.ts';
import { type Freeze, openCase } from './open.ts';
import { readCase, readCases } from './read.ts';

type Ctx = Context<AppEnv>;

export function addProviderCaseRoutes(app: App, { store, freeze }: { readonly store: Store; readonly freeze: Freeze }): void {
  const by = (c: Ctx): string => `api:${c.get('caller')}`;

  /** @throws CausewayError('not-found') */
  async function accountOf(name: string): Promise<number> {
    const entry = await findAccount(store, name);
    if (entry === undefined) throw new CausewayError('not-found', `there is no account ${name}`);
    return entry.account.id;
  }

  app.post('/v1/cases', async (c) => {
    const { account, ...asked } = await body(c, apiCaseBody);
    const made = await openCase(store, freeze, { ...asked, ...(account === undefined ? {} : { account: await accountOf(account) }), key: uuidOf(c), assignee: null, by: by(c) });
    return c.json(made, made.made ? 201 : 200);
  });
  app.get('/v1/cases', async (c) => {
    const name = c.req.query('account');
    if (name === undefined || name.length > 320) throw new CausewayError('usage', 'whose cases? ?account=ADDRESS');
    const { cases } = await readCases(store, { queue: 'all', account: await accountOf(name), closed: true }, { name: '', now: store.clock.now() });
    return c.json({ cases });
  });
  app.get('/v1/cases/:case', async (c) => {
    const { case: line, entries } = await readCase(store, numberOf(c, 'case'), '');
    return c.json({ case: line, entries });
  });
  app.post('/v1/cases/:case/entries', async (c) => {
    const asked = await body(c, apiEntryBody);
    const made = await store.transaction((tx) => addEntry(tx, { ...asked, id: numberOf(c, 'case'), key: uuidOf(c), by: by(c) }));
    return c.json(made, made.made ? 201 : 200);
  });
  for (const [verb, act] of [['close', closeCase], ['reopen', reopenCase]] as const) {
    app.post(`/v1/cases/:case/${verb}`, async (c) => {
      const asked = await body(c, apiCloseBody);
      return c.json(await store.transaction((tx) => act(tx, { ...asked, id: numberOf(c, 'case'), key: uuidOf(c), by: by(c) })));
    });
  }
}

/** A caller's key in the form of ours (RFC 9562, version 8): the same key, the same id. */
function uuidOf(c: Ctx): string {
  const digest = createHash('sha256').update(keyOf(c)).digest();
  digest[6] = (digest[6]! & 0x0f) | 0x80;
  digest[8] = (digest[8]! & 0x3f) | 0x80;
  const hex = digest.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-');
}
