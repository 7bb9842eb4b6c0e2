/** The routes of the desk's acts. Each is guarded by its own act of the table of roles; taking one back, by the same. */
import { CausewayError } from '#errors/index.ts';
import type { App } from '#http/app.ts';
import { bodyOf } from '#http/body.ts';
import { may } from '#staff/acts.ts';
import { guarded } from '#staff/guarded.ts';
import type { Store } from '#store/index.ts';
import type { z } from 'zod';
import type { ActParts } from './act.ts';
import { ACT_BODIES, decideBody, DESK_ACTS, type DeskActBody, undoBody } from './api.ts';
import { listActs } from './list.ts';
import { decide, nameOf, perform, specOf, takeBack } from './perform.ts';

export function addActRoutes(app: App, { store, ...parts }: ActParts & { readonly store: Store }): void {
  for (const { name, act } of DESK_ACTS) {
    app.post(`/api/desk/accounts/:id/acts/${name}`, guarded(act), async (c) => {
      const body = await bodyOf(c, ACT_BODIES[name] as z.ZodType<DeskActBody>);
      return c.json(await perform(store, c.get('staff'), idOf(c.req.param('id')), name, body, parts));
    });
  }
  app.get('/api/desk/accounts/:id/acts', guarded('desk.screen'), async (c) => c.json({ acts: await listActs(store, { accountId: idOf(c.req.param('id')) }) }));
  app.get('/api/desk/acts/waiting', guarded('account.roll-back-approve'), async (c) => c.json({ acts: await listActs(store, 'waiting') }));
  app.post('/api/desk/acts/:act/decide', guarded('account.roll-back-approve'), async (c) => {
    const body = await bodyOf(c, decideBody);
    return c.json(await decide(store, c.get('staff'), idOf(c.req.param('act')), body, parts));
  });
  app.post('/api/desk/acts/:act/undo', guarded('desk.screen'), async (c) => {
    const { why } = await bodyOf(c, undoBody);
    const id = idOf(c.req.param('act'));
    const { act } = specOf(await nameOf(store, id));
    if (!may(c.get('staff').role, act)) throw new CausewayError('refused', `${c.get('staff').role} may not ${act}`, { customerText: 'Your role does not allow this.' });
    await takeBack(store, c.get('staff'), id, why);
    return c.json({});
  });
}

/** @throws CausewayError `not-found` for what is no number */
function idOf(text: string | undefined): number {
  if (text === undefined || !/^[1-9]\d{0,14}$/.test(text)) throw new CausewayError('not-found', 'ids are numbers');
  return Number(text);
}
