/**
 * The customer's own answer, by the code of a letter.
 *
 * Invariants: nobody is asked for an address, and no answer depends on one. A guess costs its network one of few tries, and
 * a slip of the fingers none. What is shown names nobody: who finds a letter learns how one mailbox's move stands.
 */
import { html } from 'hono/html';
import type { Context } from 'hono';
import type { OwnAnswer } from '#cutover/answer/api.ts';
import type { App, AppEnv } from '#http/app.ts';
import { formToken, isOwnForm } from '#http/csrf.ts';
import { addressOf } from '#http/server.ts';
import type { Store } from '#store/index.ts';
import type { SiteLanguage } from '../api.ts';
import { readCode } from '../codes/code.ts';
import { accountOfCode } from '../codes/codes.ts';
import { codeUnknown } from '../events.ts';
import { createFew } from '../few.ts';
import { rangeText, whenText } from '../site/times.ts';
import { fieldsOf, languageOf } from './fields.ts';
import { codeForm, formPage, type Message } from './form-page.ts';
import { FORM_WORDS } from './words.ts';

/** Of one network in an hour. With 75 random bits this is about noise, not about the odds. */
const WRONG = { most: 10, windowMs: 3_600_000 };

export type ReadAnswer = (accountId: number) => Promise<OwnAnswer | undefined>;

export function addMineRoutes(app: App, { store, provider, zone, answer }: { store: Store; provider: string; zone: string; answer: ReadAnswer }): void {
  const { clock, emit } = store;
  const wrong = createFew({ ...WRONG, now: () => clock.monotonic() });

  app.get('/mine', (c) => form(c, languageOf(c), '', undefined));
  app.post('/mine', async (c) => {
    const fields = await fieldsOf(c);
    const { language } = fields;
    const words = FORM_WORDS[language];
    const typed = fields.one('code').slice(0, 40);
    if (!isOwnForm(c, fields.one('form'))) return form(c, language, typed, words.oldForm, 403);
    const code = readCode(typed);
    if (code === undefined) return form(c, language, typed, words.noCode, 422);
    const network = addressOf(c.env);
    if (wrong.full(network)) return form(c, language, typed, words.tooMany, 429);
    const accountId = await accountOfCode(store, code);
    const told = accountId === undefined ? undefined : await answer(accountId);
    if (told === undefined) {
      wrong.count(network);
      emit(codeUnknown, { network });
      return form(c, language, typed, words.unknownCode, 404);
    }
    return c.html(formPage({ provider, language, title: words.mine, other: undefined }, answered(told, language, zone)));
  });

  function form(c: Context<AppEnv>, language: SiteLanguage, code: string, message: Message | undefined, status: 200 | 403 | 404 | 422 | 429 = 200): Response | Promise<Response> {
    const other = language === 'en' ? '/mine?language=es' : '/mine';
    return c.html(formPage({ provider, language, title: FORM_WORDS[language].mine, other }, codeForm({ code, message, token: formToken(c), language })), status);
  }
}

function answered({ place, movedAt, forecast, paused }: OwnAnswer, language: SiteLanguage, zone: string): ReturnType<typeof html> {
  const words = FORM_WORDS[language];
  const { title, text } = words.places[place];
  const when = movedAt === null ? '' : html`<p>${words.movedAt(whenText(Date.parse(movedAt), language, zone))}</p>`;
  const waits = place === 'planned' || place === 'copying';
  const range = !waits ? '' : html`<p>${forecast === null ? words.noForecast : words.willMove(rangeText(Date.parse(forecast.from), Date.parse(forecast.to), language, zone))}</p>`;
  return html`<div class="answer"><strong>${title}</strong><p>${text}</p>${when}${range}${paused && waits ? html`<p>${words.paused}</p>` : ''}</div>`;
}
