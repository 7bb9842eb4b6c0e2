/** Puts the people's side together: the staff's sign-in, the desk and the console, on one app. */
import type { Config } from '#config/index.ts';
import type { Clock } from '#events/clock.ts';
import type { Emit } from '#events/index.ts';
import { type App, createApp, tellInJson } from '#http/app.ts';
import { addAssets, addPage, type Site } from '#http/static.ts';
import { addConsoleRoutes } from '#console/routes.ts';
import { addStaffRoutes } from '#staff/routes.ts';
import type { Store } from '#store/index.ts';
import { addDeskRoutes } from '#desk/app.ts';
import { deskTelling } from '../desk-telling.ts';
import type { RunFile } from '../data-folder.ts';
import { factsOf } from '../secrets.ts';
import { settingsLinks } from '../settings-links.ts';

/** What every room of the people's side may need. */
export type OfficeParts = {
  readonly config: Config;
  readonly ports: RunFile['ports'];
  readonly store: Store;
  readonly instance: string;
  /** Under which browsers' cookies are sealed: 32 bytes. */
  readonly key: Buffer;
  /** It comes from outside: what is sealed by it can be kept. */
  readonly keyLasts: boolean;
  /** The built pages. */
  readonly site: Site;
  readonly clock: Clock;
  readonly emit: Emit;
};

export type Office = { readonly app: App; close(): Promise<void> };

/** Scripts and styles of our own only; pictures also from what the page has made itself. */
const POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
/** Frozen evidence and notes of a case; a form has a few fields. */
const BODY_LIMIT = 256 * 1024;

export function createOffice(parts: OfficeParts): Office {
  const { config, ports, store, key, keyLasts, site, clock, emit } = parts;
  const app = createApp(emit, tellInJson, BODY_LIMIT);
  const closers: (() => Promise<void>)[] = [];
  addAssets(app, site);
  app.get('/', (c) => c.redirect('/desk/'));
  addPage(app, site, 'desk/index.html', ['/desk', '/desk/*'], POLICY);
  addPage(app, site, 'console/index.html', ['/console', '/console/*'], POLICY);
  // Before all else under /api/: who asks, and whether the request comes from our own page.
  const staff = addStaffRoutes(app, { store, key, keyLasts, url: config.listen.office?.url, oidc: config.staff.oidc, clock, emit });
  closers.push(staff.close);

  const desk = addDeskRoutes(app, { store, ...deskTelling(config, clock), config, ports, facts: factsOf(config), links: settingsLinks(config, clock, { key, lasts: keyLasts }) });
  closers.push(desk.close);
  const console = addConsoleRoutes(app, { store, clock });
  closers.push(console.close);

  return {
    app,
    async close() {
      for (const each of closers.toReversed()) await each();
    },
  };
}
