/** The desk as technicians use it: by keys alone, one call one screen, cases, acts with guard rails. */
import { sql } from 'kysely';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { attach } from '../../src/context/attach.ts';
import { readRunFile } from '../../src/context/data-folder.ts';
import { createAppPassword, findAccount, noteSignIns } from '../../src/directory/index.ts';
import { openClient } from '../../src/rehearsal/mail-client.ts';
import { testCases } from './desk-cases.ts';
import { testCrowd } from './desk-crowd.ts';
import { call, chosen } from './desk-keys.ts';
import { planned } from './desk-plan.ts';
import { testSiteless } from './desk-siteless.ts';
import { JANE, JOHN } from './letters.ts';
import { type Office, openOffice } from './office.ts';
import { faultsOf, type Look, shoot } from './portal.ts';

const SCRIPT = '<img src=x onerror="window.ran=1">';
let office: Office;

beforeAll(async () => {
  office = await openOffice();
  const { portal } = office;
  const { ports } = readRunFile(portal.installation.data)!;
  const tries: readonly (readonly [user: string, secret: string, device: string])[] = [
    ['jane@isp.example', JANE.secret, '"name" "iPhone Mail" "version" "17"'],
    ...Array.from({ length: 4 }, () => ['jane@isp.example', 'not it', '"name" "Thunderbird" "version" "128"'] as const),
    [JOHN.user, JOHN.secret, `"name" "${SCRIPT.replaceAll('"', '\\"')}"`],
  ];
  for (const [user, secret, device] of tries) {
    const { client, refusal } = await openClient({ host: '127.0.0.1', port: ports.imaps!, secure: true, timeoutMs: 20_000 });
    expect(client, refusal).toBeDefined();
    await client!.command(`ID (${device})`);
    await client!.command(`LOGIN "${user}" "${secret}"`);
    client!.close();
  }
  const more = portal.installation.file('more.csv', `address,platform,login_names,customer_name\nmallory@isp.example,old,mallory@isp.example,"${SCRIPT.replaceAll('"', '""')} Mallory"\n`);
  const imported = await portal.causeway('account', 'import', more);
  expect(imported.status, imported.stderr).toBe(0);
});
afterAll(() => office?.close());

const focused = (page: Page): Promise<string> => page.evaluate('(document.activeElement?.closest("label, [aria-label], button, a, textarea, input") ?? document.activeElement)?.tagName.toLowerCase()');

test('one call by keys alone: found, read, a case, a note, handed over, taken, closed', async () => {
  const one = await office.signedIn('level-one', '/desk/');
  await one.getByRole('combobox', { name: 'Find a caller' }).waitFor();
  await call(one, 'hale jane', 'Jane Hale');
  const verdict = one.locator('[data-rule]');
  await expect.poll(() => verdict.locator('p').first().textContent()).not.toBe('');
  // The evidence is there, in its order.
  await one.getByRole('heading', { name: 'Last sign-ins' }).waitFor();
  await expect.poll(() => one.getByRole('row').filter({ hasText: 'wrong' }).count()).toBeGreaterThan(0);
  await shoot(one, 'desk-screen');

  await one.keyboard.press('c');
  await one.waitForURL(/\/desk\/cases\/\d+/);
  const subject = await one.getByRole('heading', { level: 1 }).textContent();
  await one.keyboard.press('w');
  await one.keyboard.type('Checked by customer number.');
  await one.keyboard.press('Control+Enter');
  await one.getByText('Checked by customer number.', { exact: true }).and(one.locator('li p')).waitFor();
  await one.keyboard.press('Escape');
  await one.keyboard.press('e');
  await one.getByRole('dialog').waitFor();
  await expect.poll(() => focused(one)).toBe('textarea');
  await one.keyboard.type('Tried twice; please look at the phone.');
  await one.keyboard.press('Control+Enter');
  await one.getByText('Hand-over').waitFor();
  await expect.poll(() => one.getByRole('button', { name: /^When it was handed over/ }).count()).toBe(1);

  const two = await office.signedIn('level-two', '/desk/');
  await two.getByRole('combobox').waitFor();
  await two.keyboard.press('Escape');
  await two.keyboard.press('g');
  await two.keyboard.press('c');
  await two.getByRole('link', { name: subject! }).waitFor();
  await shoot(two, 'desk-queue');
  await two.keyboard.press('j');
  await two.keyboard.press('Enter');
  await two.getByText('Tried twice; please look at the phone.').waitFor();
  // Both have it open: each is told.
  await expect.poll(() => two.getByText('level-one.person has this case open, too').count()).toBe(1);
  await shoot(two, 'desk-case');
  await two.keyboard.press('t');
  await two.getByRole('button', { name: 'Give it back' }).waitFor();
  await two.keyboard.press('s');
  await two.getByRole('dialog').waitFor();
  await two.keyboard.type('New password typed into the phone.');
  await two.keyboard.press('Control+Enter');
  await two.getByRole('button', { name: 'Open it again' }).waitFor();

  await one.keyboard.press('?');
  await one.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor();
  await one.keyboard.press('Escape');
});

test('acts: why is asked, the role’s limits have their reason, what is shown once can be taken back', async () => {
  const one = await office.signedIn('level-one', '/desk/');
  await one.getByRole('combobox').waitFor();
  await call(one, 'C-204417', 'Jane Hale');
  await one.keyboard.press('a');
  const rollBack = one.getByRole('menuitem', { name: /^Roll back/ });
  await rollBack.waitFor();
  expect(await rollBack.textContent()).toContain('Not as level one');
  await shoot(one, 'desk-acts');
  await one.keyboard.type('roll');
  await chosen(one, 'Roll back');
  await one.keyboard.press('Enter');
  await one.getByRole('status').getByText('Not as level one').waitFor();

  await one.keyboard.press('a');
  await one.keyboard.type('make an app');
  await chosen(one, 'Make an app password');
  await one.keyboard.press('Enter');
  const asking = one.getByRole('dialog', { name: 'Make an app password' });
  await asking.waitFor();
  await asking.getByLabel('Why').focus();
  await one.keyboard.press('Enter');
  await asking.getByText('Three letters or more').waitFor();
  await one.keyboard.type('Her tablet cannot do the second step');
  await one.keyboard.press('Enter');
  await one.getByText('Shown once.').waitFor();
  await one.getByRole('button', { name: 'Undo' }).press('Enter');
  await one.getByText('Taken back.').waitFor();
  await one.getByText('Her tablet cannot do the second step').first().waitFor();

  await one.keyboard.press('d');
  await one.getByRole('img', { name: /^The same settings, to scan|^To scan with the iPhone/ }).waitFor();
  expect(await one.getByRole('dialog').getByText('IMAP').count()).toBeGreaterThan(0);
  await shoot(one, 'desk-device');
});

test('what strangers and customers wrote is text, wherever it is shown', async () => {
  const page = await office.signedIn('level-two', '/desk/');
  await page.getByRole('combobox').waitFor();
  await call(page, 'mallory', `${SCRIPT} Mallory`);
  await call(page, 'john hale', 'John Hale');
  await page.keyboard.press('c');
  await page.waitForURL(/\/desk\/cases\/\d+/);
  // Keys act on what is there.
  await page.getByLabel('Text').waitFor();
  await page.keyboard.press('w');
  await page.keyboard.type(`${SCRIPT}<script>window.ran=1</script>`);
  await page.keyboard.press('Control+Enter');
  await page.locator('li p').filter({ hasText: SCRIPT }).waitFor();
  const inert = async (where: string): Promise<void> => {
    expect([where, await page.evaluate('window.ran')]).toEqual([where, undefined]);
    expect([where, await page.locator('#content img, #content script, [role=listbox] img').count()]).toEqual([where, 0]);
  };
  await inert('case');

  // As it was kept before it was made harmless on its way in, and what no gateway of ours lets by: all that the screen shows.
  const nasty = `\u202e\u2066${SCRIPT}\u0007${'x'.repeat(10_000)}`;
  const { store } = await attach(office.portal.installation.config);
  try {
    const id = (await findAccount(store, 'mallory@isp.example'))!.account.id;
    const seen = (device: string, outcome: 'accepted' | 'rejected') => ({ accountId: id, protocol: 'imap', network: '192.0.2.66', device, outcome, means: outcome === 'accepted' ? 'password' : 'none', reason: outcome === 'accepted' ? '' : 'former', firstAt: new Date(), lastAt: new Date(), times: 3 }) as const;
    await noteSignIns(store, [seen('iPhone Mail', 'accepted'), seen(nasty.slice(0, 2_000), 'rejected')]);
    await sql`insert into delivery_seen values (${id}, 'old', 'refused', ${`550 5.7.1 ${nasty}`.slice(0, 2_000)}, now(), now(), 1)`.execute(store.db());
    await sql`insert into door_seen values ('192.0.2.66', 'certificate', ${nasty.slice(0, 500)}, now(), now(), 1)`.execute(store.db());
    const { rows: [move] } = await sql<{ id: number }>`insert into move (account_id, source, target, state, failure, error, ended_at) values (${id}, 'old', 'new', 'failed', 'content', ${nasty}, now()) returning id`.execute(store.db());
    await sql`insert into refused (account_id, source, target, mailbox, source_uidvalidity, source_uid, size, failure, reason, move_id) values (${id}, 'old', 'new', ${nasty.slice(0, 500)}, 1, 7, 9000, 'content', ${nasty}, ${move!.id})`.execute(store.db());
    await store.transaction((tx) => createAppPassword(tx, id, { label: `\u202e${SCRIPT}`, scope: ['imap'], by: { actor: 'staff:ada', why: nasty.slice(0, 400) }, facts: { names: ['old'], told: new Map(), opens: new Set(['old']) } }));
  } finally {
    await store.close();
  }
  await page.goto(`${office.url}/desk/`);
  await page.getByRole('combobox').waitFor();
  await call(page, 'mallory', `${SCRIPT} Mallory`);
  await page.getByRole('heading', { name: 'Last sign-ins' }).waitFor();
  // Its own words in quotation marks, so that nobody takes them for ours, and nothing that turns the rest of the line round.
  const line = page.locator('[data-rule=old-password] p').first();
  await line.filter({ hasText: '“<img src=x' }).waitFor();
  expect(await line.textContent()).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  await inert('screen');
  expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
  await shoot(page, 'desk-hostile');
  for (const path of ['affected?span=day', 'cases?queue=all', 'incidents']) {
    await page.goto(`${office.url}/desk/${path}`);
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.waitForLoadState('networkidle');
    await inert(path);
    expect([path, await page.evaluate('document.documentElement.scrollWidth <= innerWidth')]).toEqual([path, true]);
  }
});

testCases(() => office);
testCrowd(() => office);
testSiteless(() => office);

const LOOKS: readonly Look[] = [{}, { scheme: 'dark' }, { size: 'phone' }, { size: 'phone', scheme: 'dark' }];

test('a week that is planned, and calls of the week before', () => planned(office));

test.each(LOOKS)('every page is readable by everybody: %o', async (look) => {
  const page = await office.signedIn('lead', '/desk/', look);
  const name = `desk-${look.size ?? 'desktop'}-${look.scheme ?? 'light'}`;
  await page.getByRole('combobox').fill('jane');
  await page.getByRole('option').first().waitFor();
  expect(await faultsOf(page)).toEqual([]);
  await shoot(page, `${name}-find`);
  await page.getByRole('combobox').press('Enter');
  await page.getByRole('heading', { level: 1, name: 'Jane Hale' }).waitFor();
  await page.getByRole('heading', { name: 'Last sign-ins' }).waitFor();
  expect(await faultsOf(page)).toEqual([]);
  expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
  await shoot(page, `${name}-screen`);
  for (const [path, heading] of [['cases?queue=all', 'Cases'], ['incidents', 'Incidents'], ['affected?span=day', 'Who is affected'], ['load', 'Load'], ['macros/2', 'Macros'], ['shifts', 'Shifts']] as const) {
    await page.goto(`${office.url}/desk/${path}`);
    await page.getByRole('heading', { level: 1, name: heading }).waitFor();
    expect([path, await faultsOf(page)]).toEqual([path, []]);
    expect([path, await page.evaluate('document.documentElement.scrollWidth <= innerWidth')]).toEqual([path, true]);
    await shoot(page, `${name}-${path.split(/[?/]/)[0]}`);
  }
});
