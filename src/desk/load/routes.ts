/** Calls and the load by JSON. */
import type { App } from '#http/app.ts';
import { bodyOf } from '#http/body.ts';
import { guarded } from '#staff/guarded.ts';
import type { Store } from '#store/index.ts';
import { planQuery } from '../cases/api.ts';
import { numberOf } from '../cases/number.ts';
import { queryOf } from '../cases/query.ts';
import { callBody } from './api.ts';
import { beginCall, endCall } from './calls.ts';
import { measureLoad } from './measure.ts';
import { planLoad } from './plan.ts';

export function addLoadRoutes(app: App, store: Store): void {
  app.get('/api/desk/load', guarded('load.read'), async (c) => c.json(await measureLoad(store)));
  app.get('/api/desk/load/plan', guarded('load.read'), async (c) => c.json(await planLoad(store, queryOf(c, planQuery))));
  app.post('/api/desk/calls', guarded('case.open'), async (c) => {
    const asked = await bodyOf(c, callBody);
    return c.json({ id: await store.transaction((tx) => beginCall(tx, { ...asked, staff: c.get('staff').name })) });
  });
  app.post('/api/desk/calls/:id/end', guarded('case.open'), async (c) => {
    await endCall(store, numberOf(c, 'id'), c.get('staff').name);
    return c.json({});
  });
}
