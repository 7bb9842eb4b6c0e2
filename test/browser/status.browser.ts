/** The status site in a browser: how it looks on a bad day, its forms, and what is left of it without scripts and without us. */
import { randomUUID } from 'node:crypto';
import { join, resolve } from 'node:path';
import { sql } from 'kysely';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { migrations } from '../../src/context/migrations.ts';
import { ownAnswer } from '../../src/cutover/answer/answer.ts';
import { systemClock as clock } from '../../src/events/clock.ts';
import { openHttpServer } from '../../src/http/server.ts';
import { COMPONENTS } from '../../src/incident/declared/api.ts';
import { addUpdate, declareIncident } from '../../src/incident/declared/index.ts';
import { createStatusApp } from '../../src/status/app.ts';
import { makeCodes } from '../../src/status/codes/codes.ts';
import { type Publisher, startPublisher } from '../../src/status/publisher.ts';
import { readAssets } from '../../src/status/site/files.ts';
import { openTestStore, type TestStore } from '../../src/store/testing.ts';
import { faultsOf, PATIENCE_MS, shoot, SIZES } from './portal.ts';

const HOUR = 3_600_000;
const PROVIDER = 'Ribera Telecom';
const ZONE = 'Europe/Madrid';
const closers: (() => Promise<unknown> | unknown)[] = [];
let kept: TestStore;
let browser: Browser;
let url: string;
let publisher: Publisher;
let code: string;
let incident: string;

beforeAll(async () => {
  kept = await openTestStore(migrations);
  closers.push(() => kept.close());
  const { store } = kept;
  await aBadDay();
  let app: ReturnType<typeof createStatusApp> | undefined;
  const server = await openHttpServer({ host: '127.0.0.1', port: 0, tls: undefined, clock, fetch: (request, bindings) => app!.fetch(request, bindings) });
  url = `http://localhost:${server.port}`;
  const range = (from: number, to: number) => ({ fromAt: Date.now() + from * HOUR, toAt: Date.now() + to * HOUR, madeAt: Date.now() - 240_000 });
  publisher = startPublisher({ store, instance: 'front-1', provider: PROVIDER, zone: ZONE, folder: undefined, assets: readAssets(resolve(import.meta.dirname, '../../web')), links: { site: url, app: url, letters: `${url}/subscribe`, webmail: `${url}/webmail` }, forecast: { plan: async () => range(19, 27), restoration: async () => range(1, 2.5) } });
  closers.push(() => publisher.stop(), () => server.close());
  const forecast = async () => ({ fromAt: new Date(Date.now() + 4 * HOUR), toAt: new Date(Date.now() + 7 * HOUR), madeAt: new Date() });
  app = createStatusApp({ store, provider: PROVIDER, zone: ZONE, files: publisher.files, answer: (id) => ownAnswer(store, id, forecast), wake: () => {} });
  await publisher.publish();
  browser = await chromium.launch({ executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
  closers.push(() => browser.close());
});
afterAll(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

/** Ninety days with some trouble in them, a wave that goes on, and a verifier that has died this morning. */
async function aBadDay(): Promise<void> {
  const { store } = kept;
  const now = Date.now();
  await sql`insert into instance_progress (instance, life, xid) values ('front-1', 'x', '1'::xid8)`.execute(store.db()).catch(async () => {
    await sql`insert into instance (id, boot) values ('front-1', 'x')`.execute(store.db());
    await sql`insert into instance_progress (instance, life, xid) values ('front-1', 'x', '1'::xid8)`.execute(store.db());
  });
  await sql`insert into account (id, address, authority) select n, 'a' || n || '@isp.example', 'old' from generate_series(1, 280) as n`.execute(store.db());
  await sql`insert into route (account_id, home) select n, case when n <= 117 then 'new' else 'old' end from generate_series(1, 280) as n`.execute(store.db());
  await sql`insert into plan (name, source, target, state, gates, started_at) values ('switch', 'old', 'new', 'running', '{}', now())`.execute(store.db());
  await sql`insert into wave (plan_id, number, name, state) select id, 1, 'wave 1', 'running' from plan`.execute(store.db());
  await sql`insert into wave_account (wave_id, account_id) select w.id, a.id from wave w, account a`.execute(store.db());
  const troubles: Record<string, readonly (readonly [day: number, from: number, hours: number, level: string])[]> = {
    'sign-in': [[61, 8, 1.2, 'degraded'], [23, 9, 0.6, 'down']],
    imap: [[23, 9, 0.6, 'down'], [8, 14, 2, 'degraded']],
    receiving: [[40, 3, 5, 'degraded']],
    moving: [[12, 22, 6, 'planned'], [5, 22, 6, 'planned']],
  };
  for (const component of COMPONENTS) {
    let at = now - 76 * 24 * HOUR;
    const put = async (until: number, level: string): Promise<void> => {
      await sql`insert into component_state (component, from_at, until_at, state) values (${component}, ${new Date(at)}, ${new Date(until)}, ${level})`.execute(store.db());
      at = until;
    };
    for (const [day, from, hours, level] of troubles[component] ?? []) {
      const begin = new Date(now - day * 24 * HOUR).setUTCHours(from, 0, 0, 0);
      await put(begin, 'ok');
      await put(begin + hours * HOUR, level);
    }
    await put(now - 60_000, 'ok');
  }
  const put = (over: object) =>
    store.transaction((tx) => declareIncident(tx, { id: randomUUID(), title: 'x', components: ['sign-in'], impact: 'major', public: true, state: 'investigating', text: 'x', by: 'staff:ada', ...over }));
  await put({ title: 'Mail arrived late', titleEs: 'El correo llegó con retraso', components: ['receiving'], state: 'resolved', beganAt: now - 40 * 24 * HOUR, text: 'What waited has arrived.', textEs: 'Lo que esperaba ya ha llegado.' });
  await put({ title: 'Wave 4: 9,000 mailboxes', titleEs: 'Cuarta tanda: 9000 buzones', components: ['moving'], impact: 'minor', state: 'planned', plannedFrom: now + 20 * HOUR, plannedUntil: now + 26 * HOUR, text: 'Yours works all the time, but for about a second in which signing in waits. Passwords and settings stay as they are.' });
  await sql`update declared_incident set ended_at = began_at + interval '5 hours' where state = 'resolved'`.execute(store.db());
  incident = randomUUID();
  await put({ id: incident, title: 'Sign-in fails for some customers', titleEs: 'Algunos clientes no pueden iniciar sesión', components: ['sign-in', 'webmail'], beganAt: now - 1.4 * HOUR, text: 'Since 08:04 some customers cannot sign in. Your password is not the reason: please do not change it, and do not try again and again.', textEs: 'Desde las 08:04 algunos clientes no pueden iniciar sesión. La causa no es su contraseña: no la cambie ni lo intente una y otra vez.' });
  await store.transaction((tx) => addUpdate(tx, { incidentId: incident, key: randomUUID(), state: 'identified', text: 'The server that checks passwords is out of order. Who was signed in stays so, and known devices go on working.\n\nWe are bringing up a second one.', textEs: 'El servidor que comprueba las contraseñas no funciona. Quien había iniciado sesión sigue dentro, y los dispositivos conocidos siguen funcionando.\n\nEstamos poniendo en marcha otro.', by: 'staff:ada' }));
  // As if it had been written in the course of the morning.
  await sql`update incident_update set at = now() - interval '80 minutes' where incident_id = ${incident} and state = 'investigating'`.execute(store.db());
  await sql`update incident_update set at = now() - interval '25 minutes' where incident_id = ${incident} and state = 'identified'`.execute(store.db());
  ({ code } = (await store.transaction((tx) => makeCodes(tx, [200], { days: 10, actor: 'test', why: undefined })))[0]!);
}

type Look = { size?: keyof typeof SIZES; scheme?: 'light' | 'dark'; language?: 'en' | 'es'; scripts?: boolean };
async function open(path: string, { size = 'desktop', scheme = 'light', language = 'en', scripts = true }: Look = {}): Promise<Page> {
  const context = await browser.newContext({ viewport: SIZES[size], colorScheme: scheme, locale: language, hasTouch: size === 'phone', isMobile: size === 'phone', reducedMotion: 'reduce', javaScriptEnabled: scripts });
  context.setDefaultTimeout(PATIENCE_MS);
  closers.push(() => context.close());
  const page = await context.newPage();
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (message) => message.type() === 'error' && !message.text().includes('status of 4') && faults.push(message.text()));
  await page.goto(`${url}${path}`);
  return page;
}
const faults: string[] = [];

for (const size of ['desktop', 'phone'] as const) {
  for (const scheme of ['light', 'dark'] as const) {
    test(`the first page and an incident's, ${size}, ${scheme}`, async () => {
      const page = await open('/', { size, scheme });
      await page.getByRole('heading', { level: 1, name: /^Disturbed: Sign.in and Webmail$/ }).waitFor();
      // Written anew every minute: it may be a moment more.
      await page.getByText(/\((?:less than )?a minute ago\)/).waitFor();
      expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
      expect(await faultsOf(page)).toEqual([]);
      await shoot(page, `front-${size}-${scheme}`);
      const folder = process.env['CAUSEWAY_SHOTS'];
      if (folder !== undefined) await page.screenshot({ path: join(resolve(folder), `front-whole-${size}-${scheme}.png`), fullPage: true });
      await page.getByRole('link', { name: 'Sign-in fails for some customers' }).click();
      await page.getByRole('heading', { level: 1, name: 'Sign-in fails for some customers' }).waitFor();
      expect(await faultsOf(page)).toEqual([]);
      await shoot(page, `incident-${size}-${scheme}`);
      expect(faults).toEqual([]);
    });
  }
}

test('it is all there in Spanish, and one link leads from language to language on every page', async () => {
  const page = await open('/', { language: 'es', size: 'phone' });
  await page.getByRole('link', { name: 'Español' }).click();
  await page.getByRole('heading', { level: 1, name: 'Con problemas: Inicio de sesión y Correo web' }).waitFor();
  expect(await faultsOf(page)).toEqual([]);
  await shoot(page, 'front-phone-es');
  await page.getByRole('link', { name: 'Algunos clientes no pueden iniciar sesión' }).click();
  await page.getByText('Estamos poniendo en marcha otro.').waitFor();
  await page.getByRole('link', { name: 'English' }).click();
  await page.getByText('We are bringing up a second one.').waitFor();
  expect(await page.evaluate('document.documentElement.lang')).toBe('en');
});

test('by keyboard: past the head in one step, and through all links in order', async () => {
  const page = await open('/');
  await page.keyboard.press('Tab');
  expect(await page.evaluate('document.activeElement.textContent')).toBe('To the status');
  await page.keyboard.press('Enter');
  expect(await page.evaluate('document.activeElement.id')).toBe('status');
  await page.keyboard.press('Tab');
  expect(await page.evaluate('document.activeElement.textContent')).toBe('Sign-in fails for some customers');
});

test('an old page says so; without scripts it says when it is from and what that means', async () => {
  const context = await browser.newContext({ viewport: SIZES.phone });
  closers.push(() => context.close());
  const old = await context.newPage();
  await old.clock.install({ time: Date.now() + 3 * HOUR });
  await old.goto(`${url}/`);
  await old.getByRole('status').getByText('This page is old').waitFor();
  await old.getByText('(3 hours ago)').waitFor();
  expect(await faultsOf(old)).toEqual([]);
  const plain = await open('/', { scripts: false });
  expect(await plain.locator('footer').innerText()).toMatch(/As of \d+ \w+ \d{4} at \d\d:\d\d .*written anew every minute\. If it is much later now/);
  expect(await plain.locator('#stale').isVisible()).toBe(false);
});

test('updates are asked for by a form that says what is wrong, and never who is a customer', async () => {
  const page = await open('/subscribe', { size: 'phone', scheme: 'dark' });
  expect(await faultsOf(page)).toEqual([]);
  await shoot(page, 'subscribe-phone-dark');
  await page.getByLabel('Your address').fill('jane@example');
  await page.getByLabel('Webmail', { exact: true }).check();
  await page.getByRole('button', { name: 'Ask for updates' }).click();
  await page.getByRole('alert').getByText('That is no address').waitFor();
  expect(await page.getByLabel('Your address').inputValue()).toBe('jane@example');
  expect(await page.getByLabel('Webmail', { exact: true }).isChecked()).toBe(true);
  expect(await faultsOf(page)).toEqual([]);
  const said: string[] = [];
  // A customer's address and a stranger's.
  for (const address of ['a7@isp.example', 'nobody@elsewhere.example']) {
    await page.goto(`${url}/subscribe`);
    await page.getByLabel('Your address').fill(address);
    await page.getByRole('button', { name: 'Ask for updates' }).click();
    await page.getByText('Look into your mail').waitFor();
    said.push(await page.locator('main').innerText());
  }
  expect(said[0]).toBe(said[1]);
});

test('a code from a letter tells how the own move stands; another tells nothing, and soon nothing more is answered', async () => {
  const page = await open('/mine');
  expect(await faultsOf(page)).toEqual([]);
  const show = async (typed: string): Promise<void> => {
    await page.goto(`${url}/mine`);
    await page.getByLabel('Code').fill(typed);
    await page.getByRole('button', { name: 'Show' }).click();
  };
  await show(code.toLowerCase().replaceAll('-', ' '));
  await page.getByText('Your mailbox has not moved yet').waitFor();
  await page.getByText(/it will have moved in this time: \w{3},? \d+ \w+/).waitFor();
  expect(await page.locator('main').innerText()).not.toContain('isp.example');
  expect(await faultsOf(page)).toEqual([]);
  await shoot(page, 'mine-desktop-light');
  await show(`${code.slice(0, -1)}${code.endsWith('0') ? '1' : '0'}`);
  await page.getByRole('alert').getByText('That is not a code of ours').waitFor();
  for (let i = 0; i < 10; i++) {
    await show('0000-0000-0000-0000');
    await page.getByRole('alert').getByText('We do not know this code').waitFor();
  }
  await show(code);
  await page.getByRole('alert').getByText('Too many tries').waitFor();
});
