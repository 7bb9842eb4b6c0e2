/**
 * Cases by JSON, for the desk's pages.
 *
 * Invariants: each route is guarded by one act of the staff's table; what is written comes from a schema with caps; who
 * does it is the session's, never the body's.
 */
import type { Context } from 'hono';
import type { z } from 'zod';
import type { App, AppEnv } from '#http/app.ts';
import { bodyOf } from '#http/body.ts';
import type { Act } from '#staff/acts.ts';
import { actorOf, guarded } from '#staff/guarded.ts';
import type { Store, Tx } from '#store/index.ts';
import type { AnswerOptions } from './answers.ts';
import { addEntry, assign, calledBack, closeCase, escalate, promiseCallBack, reopenCase, setPriority } from './acts.ts';
import { assignBody, callBackBody, callBackDoneBody, casesQuery, closeBody, entryBody, escalateBody, linkBody, macroBody, mergeBody, openCaseBody, presenceBody, previewBody, priorityBody, reopenBody, tryMacroBody, useMacroBody } from './api.ts';
import { linkCase, mergeCase } from './link.ts';
import { lookAt, lookAway } from './looking.ts';
import { addMacro, changeMacro, dropMacro, readMacros, tryMacro, useMacro } from './macros.ts';
import { numberOf } from './number.ts';
import { type Freeze, openCase } from './open.ts';
import { previewAnswer } from './preview.ts';
import { queryOf } from './query.ts';
import { countQueues, readCase, readCases, readFrozen } from './read.ts';

export type CaseParts = AnswerOptions & { readonly store: Store; readonly freeze: Freeze };

type Ctx = Context<AppEnv>;

export function addCaseRoutes(app: App, { store, freeze, ...options }: CaseParts): void {
  const now = (): number => store.clock.now();
  const me = (c: Ctx): { by: string; name: string } => ({ by: actorOf(c.get('staff')), name: c.get('staff').name });
  const get = (path: string, act: Act, answer: (c: Ctx) => Promise<object>): void => void app.get(path, guarded(act), async (c) => c.json(await answer(c)));
  const post = (path: string, act: Act, answer: (c: Ctx) => Promise<object | void>): void => void app.post(path, guarded(act), async (c) => c.json((await answer(c)) ?? {}));
  const inTx = <R>(work: (tx: Tx) => Promise<R>): Promise<R> => store.transaction(work);

  get('/api/desk/cases', 'case.read', async (c) => readCases(store, queryOf(c, casesQuery), { name: me(c).name, now: now() }));
  get('/api/desk/queues', 'case.read', async (c) => countQueues(store, { name: me(c).name, now: now() }));
  post('/api/desk/cases', 'case.open', async (c) => {
    const { by, name } = me(c);
    const { assignee = name, ...asked } = await bodyOf(c, openCaseBody);
    return openCase(store, freeze, { ...asked, assignee, by });
  });

  const at = '/api/desk/cases/:id';
  get(at, 'case.read', async (c) => readCase(store, numberOf(c, 'id'), me(c).name));
  get(`${at}/evidence/:evidence`, 'case.read', async (c) => readFrozen(store, numberOf(c, 'id'), numberOf(c, 'evidence')));
  post(`${at}/preview`, 'incident.update', async (c) => previewAnswer(store, numberOf(c, 'id'), await bodyOf(c, previewBody), options));
  post(`${at}/try-macro`, 'case.read', async (c) => tryMacro(store, numberOf(c, 'id'), (await bodyOf(c, tryMacroBody)).text, options));
  post(`${at}/presence`, 'case.read', async (c) => ({ others: await lookAt(store, numberOf(c, 'id'), { name: me(c).name, ...(await bodyOf(c, presenceBody)) }) }));
  post(`${at}/presence/end`, 'case.read', async (c) => lookAway(store, numberOf(c, 'id'), me(c).name));

  /** One that is done in one transaction, with a body. */
  const act = <T extends object>(verb: string, needs: Act, schema: z.ZodType<T>, work: (tx: Tx, asked: T & { id: number; by: string }) => Promise<object | void>): void =>
    post(`${at}/${verb}`, needs, async (c) => {
      const asked = { ...(await bodyOf(c, schema)), id: numberOf(c, 'id'), by: me(c).by };
      return inTx((tx) => work(tx, asked));
    });
  act('entries', 'case.write', entryBody, addEntry);
  act('assign', 'case.write', assignBody, assign);
  act('priority', 'case.write', priorityBody, setPriority);
  act('call-back', 'case.write', callBackBody, (tx, { note, ...asked }) => promiseCallBack(tx, { ...asked, text: note }));
  act('call-back/done', 'case.write', callBackDoneBody, (tx, { note, ...asked }) => calledBack(tx, { ...asked, text: note }));
  act('close', 'case.write', closeBody, closeCase);
  act('reopen', 'case.write', reopenBody, reopenCase);
  act('merge', 'case.merge', mergeBody, mergeCase);
  act('incident', 'case.write', linkBody, (tx, { incident, ...asked }) => linkCase(tx, { ...asked, incident: incident ?? undefined }));
  post(`${at}/escalate`, 'case.escalate', async (c) => {
    const { note, key } = await bodyOf(c, escalateBody);
    return escalate(store, freeze, { id: numberOf(c, 'id'), by: me(c).by, key, text: note });
  });
  post(`${at}/macros/:macro`, 'case.write', async (c) => {
    const { key, seen } = await bodyOf(c, useMacroBody);
    return inTx((tx) => useMacro(tx, { id: numberOf(c, 'id'), macro: numberOf(c, 'macro'), key, seen, by: me(c).by }, options));
  });

  get('/api/desk/macros', 'case.read', async () => ({ macros: await readMacros(store) }));
  post('/api/desk/macros', 'case.macros', async (c) => {
    const macro = await bodyOf(c, macroBody);
    return { id: await inTx((tx) => addMacro(tx, macro, me(c).by)) };
  });
  post('/api/desk/macros/:id', 'case.macros', async (c) => {
    const macro = await bodyOf(c, macroBody);
    await inTx((tx) => changeMacro(tx, numberOf(c, 'id'), macro, me(c).by));
  });
  post('/api/desk/macros/:id/drop', 'case.macros', async (c) => inTx((tx) => dropMacro(tx, numberOf(c, 'id'), me(c).by)));
}
