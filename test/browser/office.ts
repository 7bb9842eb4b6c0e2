/**
 * Desk and console before a browser: a portal's installation with the office open, and somebody of each role.
 *
 *   const office = await openOffice();
 *   const page = await office.signedIn('lead', '/console/');
 *
 * Invariant: whatever goes wrong, what was started here is ended by `close`.
 */
import type { Page } from 'playwright-core';
import { readRunFile } from '../../src/context/data-folder.ts';
import { systemClock as clock } from '../../src/events/clock.ts';
import { silent } from '../../src/events/index.ts';
import { createHasher } from '../../src/signin/index.ts';
import { type Role, ROLES } from '../../src/staff/api.ts';
import { addPerson } from '../../src/staff/people.ts';
import { openStore, type Store } from '../../src/store/index.ts';
import { type Look, openPortal, PATIENCE_MS, type Portal, SIZES } from './portal.ts';

export type Office = {
  readonly portal: Portal;
  readonly url: string;
  /** By role: name and password. */
  readonly staff: Readonly<Record<Role, { readonly name: string; readonly password: string }>>;
  /** Beside the program's own: what a scenario reads there, the audit above all. */
  readonly store: Store;
  /** A page of a browser of its own. @param path such as `/desk/` */
  open(path: string, look?: Look): Promise<Page>;
  signedIn(role: Role, path: string, look?: Look): Promise<Page>;
  close(): Promise<void>;
};

/** Of everybody: making one takes a second of a slow core. */
const PASSWORD = 'sandbank lantern tide';

export async function openOffice(more: Parameters<typeof openPortal>[0] = {}): Promise<Office> {
  const portal = await openPortal({ ...more, listen: { office: { host: '127.0.0.1', port: 0, tls: false }, ...more.listen } });
  const closers: (() => Promise<unknown>)[] = [portal.close];
  const close = async (): Promise<void> => {
    for (const each of closers.splice(0).toReversed()) await each();
  };
  try {
    const url = `http://localhost:${readRunFile(portal.installation.data)!.ports.office!}`;
    const store = await openStore(readRunFile(portal.installation.data)!.database, { emit: silent, clock, poolSize: 2 });
    closers.push(() => store.close());
    const staff = Object.fromEntries(ROLES.map((role) => [role, { name: `${role}.person`, password: PASSWORD }])) as Office['staff'];
    const hasher = createHasher({ clock, emit: silent, workers: 1 });
    const password = await hasher.makeInTurn(PASSWORD).finally(() => hasher.close());
    await store.transaction(async (tx) => {
      for (const role of ROLES) await addPerson(tx, { name: staff[role].name, role, password, seal: undefined }, { actor: 'test' });
    });
    const open = async (path: string, { size = 'desktop', scheme = 'light', language = 'en' }: Look = {}): Promise<Page> => {
      const context = await portal.browser.newContext({ viewport: SIZES[size], colorScheme: scheme, locale: language, hasTouch: size === 'phone', isMobile: size === 'phone', deviceScaleFactor: 1, reducedMotion: 'reduce', acceptDownloads: true });
      context.setDefaultTimeout(PATIENCE_MS);
      const page = await context.newPage();
      await page.goto(url + path);
      return page;
    };
    return {
      portal,
      url,
      staff,
      store,
      open,
      async signedIn(role, path, look) {
        const page = await open(path, look);
        await signInStaff(page, staff[role]);
        return page;
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** By the form, as a person does. */
export async function signInStaff(page: Page, { name, password }: { readonly name: string; readonly password: string }): Promise<void> {
  await page.locator('input[name=username]').fill(name);
  await page.locator('input[name=password]').fill(password);
  await page.locator('button[type=submit]').click();
  await page.locator('main#content').waitFor();
}
