/**
 * Asking for updates, confirming, ending.
 *
 * Invariants: the answer to an address is the same whoever it is. A link is looked at by GET and used by POST; the one that
 * ends a subscription is also used by a mail program's own POST (RFC 8058), which has no form of ours: it may do only that.
 */
import { html } from 'hono/html';
import type { Context } from 'hono';
import type { App, AppEnv } from '#http/app.ts';
import { formToken, isOwnForm } from '#http/csrf.ts';
import { addressOf } from '#http/server.ts';
import type { Store } from '#store/index.ts';
import type { SiteLanguage } from '../api.ts';
import { subscribed, unsubscribed } from '../events.ts';
import { createFew } from '../few.ts';
import { ask, confirm, end, readAsk, readEnd } from '../subscribe/asks.ts';
import { isAddress } from '../subscribe/letter.ts';
import { buttonForm, componentsIn, formPage, type Message, subscribeForm, told } from './form-page.ts';
import { fieldsOf, languageOf, type Fields } from './fields.ts';
import { FORM_WORDS } from './words.ts';

type Ctx = Context<AppEnv>;

/** Of one network in an hour: a family and the neighbours behind one address. */
const ASKS = { most: 10, windowMs: 3_600_000 };

export function addSubscribeRoutes(app: App, { store, provider, wake }: { store: Store; provider: string; wake: () => void }): void {
  const { clock, emit } = store;
  const asks = createFew({ ...ASKS, now: () => clock.monotonic() });

  app.get('/subscribe', (c) => form(c, languageOf(c), { address: '', components: [], message: undefined }));
  app.post('/subscribe', async (c) => {
    const fields = await fieldsOf(c);
    const { language } = fields;
    const words = FORM_WORDS[language];
    const typed = typedIn(fields);
    if (!isOwnForm(c, fields.one('form'))) return form(c, language, { ...typed, message: words.oldForm }, 403);
    if (!isAddress(typed.address)) return form(c, language, { ...typed, message: words.noAddress }, 422);
    const network = addressOf(c.env);
    if (asks.full(network)) return form(c, language, { ...typed, message: words.tooMany }, 429);
    asks.count(network);
    // The host part is the same in any case; the local part is its host's to judge, and all judge it the same.
    const taken = await store.transaction((tx) => ask(tx, { address: typed.address.toLowerCase(), language, components: componentsIn(typed.components) }));
    if (!taken) return form(c, language, { ...typed, message: words.tooMany }, 429);
    wake();
    return say(c, language, words.subscribe, words.asked);
  });

  app.get('/confirm/:token', async (c) => {
    const token = c.req.param('token');
    const wish = await readAsk(store, token);
    if (wish === undefined) return gone(c);
    const words = FORM_WORDS[wish.language];
    return c.html(page(wish.language, words.confirm, html`<p>${words.confirmText}</p><p><strong>${wish.address}</strong></p>${buttonForm({ token: formToken(c), language: wish.language, action: `/confirm/${token}`, label: words.confirmAct })}`));
  });
  app.post('/confirm/:token', async (c) => {
    const fields = await fieldsOf(c);
    const words = FORM_WORDS[fields.language];
    if (!isOwnForm(c, fields.one('form'))) return say(c, fields.language, words.confirm, words.oldForm, 403);
    const subscriber = await store.transaction((tx) => confirm(tx, c.req.param('token')));
    if (subscriber === undefined) return gone(c);
    emit(subscribed, { subscriber: subscriber.id });
    return say(c, subscriber.language, FORM_WORDS[subscriber.language].confirm, FORM_WORDS[subscriber.language].confirmed);
  });

  app.get('/unsubscribe/:token', async (c) => {
    const token = c.req.param('token');
    const found = await readEnd(store, token);
    if (found === undefined) return gone(c);
    const words = FORM_WORDS[found.language];
    return c.html(page(found.language, words.end, html`<p>${words.endText}</p>${buttonForm({ token: formToken(c), language: found.language, action: `/unsubscribe/${token}`, label: words.endAct })}`));
  });
  app.post('/unsubscribe/:token', async (c) => {
    const fields = await fieldsOf(c);
    const subscriber = await store.transaction((tx) => end(tx, c.req.param('token')));
    if (subscriber !== undefined) emit(unsubscribed, { subscriber });
    // Once more is as good as once: a mail program may ask twice.
    return say(c, fields.language, FORM_WORDS[fields.language].end, FORM_WORDS[fields.language].ended);
  });

  function page(language: SiteLanguage, title: string, content: ReturnType<typeof html>, other?: string): ReturnType<typeof html> {
    return formPage({ provider, language, title, other }, content);
  }

  function form(c: Ctx, language: SiteLanguage, typed: { address: string; components: readonly string[]; message: Message | undefined }, status: 200 | 403 | 422 | 429 = 200): Response | Promise<Response> {
    const other = language === 'en' ? '/subscribe?language=es' : '/subscribe';
    return c.html(page(language, FORM_WORDS[language].subscribe, subscribeForm({ ...typed, token: formToken(c), language }), other), status);
  }

  function say(c: Ctx, language: SiteLanguage, title: string, message: Message, status: 200 | 403 = 200): Response | Promise<Response> {
    return c.html(page(language, title, told(message, status === 200 ? 'ok' : 'down')), status);
  }

  function gone(c: Ctx): Response | Promise<Response> {
    const language = languageOf(c);
    return c.html(page(language, FORM_WORDS[language].subscribe, told(FORM_WORDS[language].linkGone, 'down')), 404);
  }
}

function typedIn(fields: Fields): { address: string; components: readonly string[] } {
  return { address: fields.one('address').trim().slice(0, 320), components: fields.all('component') };
}
