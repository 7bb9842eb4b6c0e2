/** What a customer sets about the pages, by HTTP: `GET` and `PUT /api/settings` (api.ts). */
import { bodyLimit } from 'hono/body-limit';
import { CausewayError } from '#errors/index.ts';
import type { App } from '#http/app.ts';
import { bodyOf } from '#http/body.ts';
import type { Who } from '../who.ts';
import type { SettingsOf } from './account-settings.ts';
import { preferencesBody, preferencesOf } from './api.ts';

/** Of browsers that change settings at the same moment. */
const ATTEMPTS = 5;
/** Bytes: 2,000 senders of 320 characters, and some. */
const BODY_LIMIT = 800_000;

export function addSettingsApi(app: App, { who, settingsOf }: { readonly who: Who; readonly settingsOf: SettingsOf }): void {
  app.get('/api/settings', async (c) => c.json(preferencesOf(await settingsOf((await who(c)).accountId).read('preferences'))));

  app.put('/api/settings', bodyLimit({ maxSize: BODY_LIMIT }), async (c) => {
    const settings = settingsOf((await who(c)).accountId);
    const wanted = await bodyOf(c, preferencesBody);
    for (let attempt = 1; ; attempt += 1) {
      const then = { ...preferencesOf(await settings.read('preferences')), ...wanted };
      try {
        await settings.write('preferences', then);
        return c.json(then);
      } catch (error) {
        // Somebody else changed another field: both hold.
        if (!(error instanceof CausewayError && error.code === 'conflict') || attempt === ATTEMPTS) throw error;
      }
    }
  });
}
