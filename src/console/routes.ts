/**
 * The console's part of the office: what it shows, live, and its acts.
 *
 * Invariants: each route is guarded by one act of the staff's table; each act has a reason, and its states are asked for by
 * the act itself (cutover/possible.ts), whatever a page showed.
 */
import type { Context } from 'hono';
import { streamSSE } from 'hono/streaming';
import { accountsRequest, type PlanAct, planActRequest, waveRollbackRequest } from '#cutover/api.ts';
import { abortPlan, type ActBy, promotePlan, retryPlan, rollBackWave } from '#cutover/acts.ts';
import { pausePlan, resumePlan } from '#cutover/control.ts';
import { holdBack, letGo } from '#cutover/hold-back.ts';
import { findAccount } from '#directory/read-entries.ts';
import { CausewayError } from '#errors/index.ts';
import type { Clock } from '#events/clock.ts';
import type { App, AppEnv } from '#http/app.ts';
import { bodyOf } from '#http/body.ts';
import { requestRollback } from '#mover/index.ts';
import type { Act } from '#staff/acts.ts';
import { actorOf, guarded } from '#staff/guarded.ts';
import type { Store, Tx } from '#store/index.ts';
import { createLive } from './live.ts';
import { consoleStateOf } from './state.ts';

/** What the staff's table calls them: going on in any way is one right. */
const RIGHTS: Readonly<Record<PlanAct, Act>> = { pause: 'plan.pause', resume: 'plan.resume', retry: 'plan.resume', promote: 'plan.resume', abort: 'plan.abort' };
const ACCOUNT_RIGHTS = { 'hold-back': 'account.hold-back', 'let-go': 'account.hold-back', 'roll-back': 'plan.roll-back' } as const satisfies Readonly<Record<string, Act>>;
/** Proxies end what is silent for a minute. */
const PING_MS = 20_000;

export function addConsoleRoutes(app: App, { store, clock }: { readonly store: Store; readonly clock: Clock }): { close(): Promise<void> } {
  const live = createLive({ read: (name) => consoleStateOf(store, name), clock });

  app.get('/api/console/state', guarded('plan.read'), async (c) => c.json(await consoleStateOf(store, c.req.query('plan'))));

  app.get('/api/console/events', guarded('plan.read'), (c) =>
    streamSSE(c, async (stream) => {
      const gone = new AbortController();
      stream.onAbort(() => gone.abort());
      let shown = '';
      let next = Promise.withResolvers<string>();
      const end = live.look(c.req.query('plan'), (news) => next.resolve(JSON.stringify(news)));
      try {
        while (!gone.signal.aborted) {
          const news = await Promise.race([next.promise, clock.sleep(PING_MS, gone.signal).then(() => 'ping', () => 'ping')]);
          if (news !== 'ping') next = Promise.withResolvers();
          // Its time alone is no news.
          const what = news.replace(/^\{"state":\{"at":"[^"]*",/, '');
          if (gone.signal.aborted) return;
          if (news === 'ping' || what === shown) await stream.writeSSE({ event: 'ping', data: '' });
          else await stream.writeSSE({ event: 'news', data: news });
          if (news !== 'ping') shown = what;
        }
      } finally {
        end();
      }
    }),
  );

  const by = (c: Context<AppEnv>, why: string): ActBy => ({ actor: actorOf(c.get('staff')), why });
  const done = (c: Context<AppEnv>, accounts: number): Response => {
    live.wake();
    return c.json({ accounts });
  };

  const acts: Readonly<Record<PlanAct, (by: ActBy, name: string) => Promise<number | void>>> = {
    pause: ({ actor, why }, name) => pausePlan(store, actor, why, name),
    resume: ({ actor, why }, name) => resumePlan(store, actor, name, why),
    retry: (who, name) => retryPlan(store, who, name),
    promote: (who, name) => promotePlan(store, who, name),
    abort: (who, name) => abortPlan(store, who, name),
  };
  for (const act of Object.keys(acts) as PlanAct[]) {
    app.post(`/api/console/plans/:name/${act}`, guarded(RIGHTS[act]), async (c) => {
      const { why } = await bodyOf(c, planActRequest);
      return done(c, (await acts[act](by(c, why), c.req.param('name'))) ?? 0);
    });
  }

  app.post('/api/console/plans/:name/waves/:number/roll-back', guarded('plan.roll-back'), async (c) => {
    const { why, homeIsDead } = await bodyOf(c, waveRollbackRequest);
    return done(c, await rollBackWave(store, { ...by(c, why), homeIsDead }, Number(c.req.param('number')), c.req.param('name')));
  });

  const toAccount: Readonly<Record<keyof typeof ACCOUNT_RIGHTS, (tx: Tx, accountId: number, who: ActBy) => Promise<boolean>>> = {
    'hold-back': holdBack,
    'let-go': letGo,
    'roll-back': async (tx, accountId, who) => (await requestRollback(tx, { accountId, ...who })) > 0,
  };
  for (const act of Object.keys(toAccount) as (keyof typeof toAccount)[]) {
    app.post(`/api/console/accounts/${act}`, guarded(ACCOUNT_RIGHTS[act]), async (c) => {
      const { why, accounts } = await bodyOf(c, accountsRequest);
      const ids = await idsOf(store, accounts);
      // All or none: a list with a mistake in it can be corrected and given again.
      const changed = await store.transaction(async (tx) => {
        let count = 0;
        for (const id of ids) if (await toAccount[act](tx, id, by(c, why))) count += 1;
        return count;
      });
      return done(c, changed);
    });
  }

  return { close: () => live.close() };
}

/** @throws CausewayError `not-found` that names those who are nobody */
async function idsOf(store: Store, names: readonly string[]): Promise<number[]> {
  const found = await Promise.all([...new Set(names)].map(async (name) => ({ name, entry: await findAccount(store, name) })));
  const unknown = found.filter(({ entry }) => entry === undefined).map(({ name }) => name);
  if (unknown.length > 0) throw new CausewayError('not-found', `nobody has the name ${unknown.slice(0, 5).join(', ')}`, { remedy: 'Nothing was begun.' });
  return [...new Set(found.map(({ entry }) => entry!.account.id))];
}
