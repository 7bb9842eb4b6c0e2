/**
 * The public listener: the site's files from memory, and what needs us beside them.
 *
 * Invariants: the files are those that are exported, and are answered with the store gone; nothing of a customer is in
 * them. All else says plainly when it does not work.
 */
import { type App, createApp } from '#http/app.ts';
import { createAtOnce } from '#http/at-once.ts';
import type { Store } from '#store/index.ts';
import { languageOf } from './pages/fields.ts';
import { formPage, told } from './pages/form-page.ts';
import { addMineRoutes, type ReadAnswer } from './pages/mine-routes.ts';
import { addSubscribeRoutes } from './pages/subscribe-routes.ts';
import { FORM_WORDS } from './pages/words.ts';
import { SITE_POLICY } from './site/frame.ts';
import type { SiteFiles } from './site/files.ts';
import { WORDS } from './site/words.ts';

/** Each may ask the store; the pages themselves are from memory, and have no such limit. */
const AT_ONCE = { total: 100, perSubscriber: 10 };

const TYPES: Readonly<Record<string, string>> = {
  css: 'text/css; charset=utf-8',
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  json: 'application/json',
  svg: 'image/svg+xml',
  xml: 'application/atom+xml; charset=utf-8',
};

export type StatusAppOptions = {
  readonly store: Store;
  readonly provider: string;
  readonly zone: string;
  readonly files: () => SiteFiles;
  readonly answer: ReadAnswer;
  /** Somebody asked for letters. Undefined: there is no relay, so nobody can. */
  readonly wake: (() => void) | undefined;
};

export function createStatusApp({ store, provider, zone, files, answer, wake }: StatusAppOptions): App {
  const app = createApp(store.emit, (c, { status, retryAfterSeconds }) => {
    if (retryAfterSeconds !== undefined) c.header('Retry-After', String(retryAfterSeconds));
    const language = languageOf(c);
    const words = FORM_WORDS[language];
    return c.html(formPage({ provider, language, title: WORDS[language].title, other: undefined }, told(status === 404 ? words.nothingHere : words.outage, 'down')), status as 404);
  });

  app.get('*', async (c, next) => {
    const asked = c.req.path.slice(1);
    const path = asked === '' || asked.endsWith('/') ? `${asked}index.html` : asked;
    const text = files().get(path);
    if (text === undefined) return next();
    const type = TYPES[path.split('.').at(-1)!] ?? 'application/octet-stream';
    // A minute is how old a page is anyway.
    return c.body(text, 200, { 'Content-Type': type, 'Cache-Control': 'no-cache', ...(type.startsWith('text/html') ? { 'Content-Security-Policy': `${SITE_POLICY}; frame-ancestors 'none'` } : {}) });
  });

  app.use(createAtOnce(AT_ONCE));
  if (wake !== undefined) addSubscribeRoutes(app, { store, provider, wake });
  addMineRoutes(app, { store, provider, zone, answer });
  return app;
}
