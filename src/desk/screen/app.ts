/** `GET` one account's screen. */
import { CausewayError } from '#errors/index.ts';
import type { App } from '#http/app.ts';
import { guarded } from '#staff/guarded.ts';
import type { Store } from '#store/index.ts';
import { screenOf } from './screen.ts';

export function addScreenRoutes(app: App, { store }: { readonly store: Store }): void {
  app.get('/api/desk/accounts/:account{[1-9][0-9]{0,14}}', guarded('desk.screen'), async (c) => {
    const screen = await screenOf(store, Number(c.req.param('account')));
    if (screen === undefined) throw new CausewayError('not-found', 'there is no such account');
    return c.json(screen);
  });
}
