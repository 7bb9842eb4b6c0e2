/** Tells a customer how the own mailbox's move stands: `GET /api/answer`. The same as the code of a letter tells on the status site. */
import { ownAnswer } from '#cutover/answer/answer.ts';
import { forecastOfAccount } from '#cutover/forecast/index.ts';
import { CausewayError } from '#errors/index.ts';
import type { App } from '#http/app.ts';
import type { Store } from '#store/index.ts';
import type { Who } from '../who.ts';

export function addAnswerApi(app: App, { who, store }: { readonly who: Who; readonly store: Store }): void {
  app.get('/api/answer', async (c) => {
    const { accountId } = await who(c);
    const answer = await ownAnswer(store, accountId, (id) => forecastOfAccount(store, id));
    if (answer === undefined) throw new CausewayError('not-found', 'the account is closed');
    return c.json(answer);
  });
}
