/**
 * What takes more than one person at the desk: an incident whose update is written once and answers all its cases, and a way
 * back that one asks for and another approves. Dialogs that are open are read by axe, on both sizes, light and dark.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sql } from 'kysely';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readRunFile } from '../../src/context/data-folder.ts';
import type { Store } from '../../src/store/index.ts';
import { JANE, JOHN } from './letters.ts';
import { type Office, openOffice } from './office.ts';
import { faultsOf, shoot } from './portal.ts';

const CAP = 1_200_000;
/** Her letter is too large for the new platform: a plan waits for her, and John's wave behind it. */
const DORA = { user: 'dora@isp.example', secret: 'dora has plans', letters: [{ from: '"Plans" <plans@attic.example>', subject: 'The attic, drawn', minutesAgo: 50, text: 'x'.repeat(CAP) }] };
const TITLE = 'Sending fails for some';
const FOUND = 'A relay is out of order. What you send waits and goes out by itself.';
const OVER = 'The relay works again.';

let office: Office;
let store: Store;
let status: string;
beforeAll(async () => {
  office = await openOffice({ platforms: ['old', 'new'], neighbours: [DORA], messageCap: CAP, listen: { status: { host: '127.0.0.1', port: 0, tls: false } }, config: { status: { provider: 'Ribera Telecom' } } });
  const { portal } = office;
  ({ store } = office);
  status = `http://localhost:${readRunFile(portal.installation.data)!.ports.status!}`;
  const file = join(portal.installation.folder, 'friday.yaml');
  writeFileSync(file, JSON.stringify({ plan: 'friday', from: 'old', to: 'new', waves: [{ name: 'ours first', accounts: [JANE.user] }, { name: 'the brave', accounts: [DORA.user] }, { name: 'everybody', share: 'rest' }], gates: { minimumSignIns: 100 } }));
  const begun = await portal.causeway('cutover', 'run', file);
  expect(begun.status, begun.stderr).toBe(0);
  await portal.running.event('cutover.plan-paused');
});
afterAll(() => office?.close());

/** By the keyboard alone: `/`, letters, Enter. */
async function call(page: Page, letters: string, name: string): Promise<void> {
  await page.getByRole('combobox', { name: 'Find a caller' }).waitFor();
  await page.keyboard.press('/');
  await page.keyboard.type(letters);
  await page.getByRole('option').first().waitFor();
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name }).waitFor();
}

/** A case from the caller's screen, of the incident that is open. @returns its path */
async function caseOf(page: Page, letters: string, name: string): Promise<string> {
  await call(page, letters, name);
  await page.getByRole('heading', { name: 'Last sign-ins' }).waitFor();
  await page.keyboard.press('c');
  await page.waitForURL(/\/desk\/cases\/\d+/);
  await page.getByLabel('Incident', { exact: true }).selectOption({ label: TITLE });
  return new URL(page.url()).pathname;
}

/** The dialog that is open, in both schemes. */
async function readable(page: Page, name: string): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    await shoot(page, `dialog-${name}-${colorScheme}`);
    expect([name, colorScheme, await faultsOf(page)]).toEqual([name, colorScheme, []]);
  }
  expect([name, await page.evaluate('document.documentElement.scrollWidth <= innerWidth')]).toEqual([name, true]);
}

const answers = (page: Page) => page.locator('li[data-kind=update], li[data-kind=answer]');
const audited = async (act: string): Promise<{ actor: string; why: string | null }[]> => (await sql<{ actor: string; why: string | null }>`select actor, why from audit where act = ${act} order by id`.execute(store.db())).rows;

test('declared once, written once: every case has its answer, with its customer’s own facts, and is closed at the end', async () => {
  const lead = await office.signedIn('lead', '/desk/incidents');
  await lead.getByRole('button', { name: 'Declare an incident' }).click();
  const declare = lead.getByRole('dialog', { name: 'Declare an incident' });
  await declare.getByLabel('In one line, as customers read it').fill(TITLE);
  await declare.getByLabel('Sending', { exact: true }).check();
  await declare.getByLabel('First update').fill('We look into it.');
  await declare.getByRole('button', { name: 'Declare an incident' }).click();
  await lead.getByRole('heading', { level: 1, name: TITLE }).waitFor();
  await lead.getByRole('button', { name: 'Publish', exact: true }).waitFor();

  const one = await office.signedIn('level-one', '/desk/');
  const cases = [await caseOf(one, 'jane hale', 'Jane Hale'), await caseOf(one, 'john hale', 'John Hale')];
  // Who may not write it reads it.
  await one.goto(`${office.url}/desk/incidents`);
  await one.getByRole('link', { name: TITLE }).click();
  await one.getByText('A lead declares incidents and writes their updates.').waitFor();
  expect(await one.getByRole('button', { name: /Publish/ }).count()).toBe(0);

  // The lead sees how it reaches one customer, and for how many it is.
  await lead.getByRole('button', { name: 'Publish, and answer 2 cases' }).waitFor();
  await lead.getByLabel('Update', { exact: true }).fill(FOUND);
  await lead.getByRole('radio', { name: 'understood' }).check({ force: true });
  const preview = lead.getByRole('figure');
  await preview.getByText(FOUND).waitFor();
  expect(await preview.innerText()).toMatch(/Dear J(ane|ohn) Hale/);
  await shoot(lead, 'incident-update-desktop-light');
  await lead.getByRole('button', { name: 'Publish, and answer 2 cases' }).click();
  await lead.getByText('Published. The cases are being answered.').waitFor();
  await lead.getByRole('listitem').getByText(FOUND).waitFor();

  for (const [at, facts] of [[cases[0]!, ['Dear Jane Hale', JANE.user, 'new']], [cases[1]!, ['Dear John Hale', JOHN.user, 'old', 'everybody']]] as const) {
    await one.goto(office.url + at);
    await expect.poll(() => answers(one).filter({ hasText: FOUND }).count()).toBe(1);
    const text = await answers(one).filter({ hasText: FOUND }).innerText();
    for (const fact of facts) expect(text).toContain(fact);
    // The plan is paused: no time is promised.
    expect(text).not.toContain('Expected');
    await one.getByRole('button', { name: /^Close the case/ }).waitFor();
  }
  await shoot(one, 'incident-case-desktop-light');
  const visitor = await office.portal.browser.newPage();
  await expect.poll(async () => (await visitor.goto(status), visitor.getByText(FOUND).count())).toBeGreaterThan(0);
  const told = new URL((await visitor.getByRole('link', { name: TITLE }).first().getAttribute('href'))!, visitor.url()).href;

  await lead.getByLabel('Update', { exact: true }).fill(OVER);
  await lead.getByRole('radio', { name: 'over: the cases are closed' }).check({ force: true });
  await lead.getByRole('button', { name: 'Publish, and answer 2 cases' }).click();
  await lead.getByText(/over since/).waitFor();
  for (const at of cases) {
    await one.goto(office.url + at);
    await one.getByRole('button', { name: 'Open it again' }).waitFor();
    // Each update once, also the one before.
    for (const said of [FOUND, OVER]) expect([said, await answers(one).filter({ hasText: said }).count()]).toEqual([said, 1]);
  }
  await expect.poll(async () => (await visitor.goto(told), visitor.getByText(OVER).count())).toBeGreaterThan(0);
  expect(await audited('incident.updated')).toMatchObject([{ actor: 'staff:lead.person' }, { actor: 'staff:lead.person' }]);
});

test('a way back takes two: who asked cannot approve it, the second person can, and both see it at once', async () => {
  const two = await office.signedIn('level-two', '/desk/');
  const lead = await office.signedIn('lead', '/desk/');
  await call(two, 'jane hale', 'Jane Hale');
  await two.keyboard.press('a');
  await two.getByRole('menuitem', { name: /^Roll back/ }).waitFor();
  await two.keyboard.type('roll');
  await two.locator('[role=menuitem][data-highlighted]').filter({ hasText: 'Roll back' }).waitFor();
  await two.keyboard.press('Enter');
  const asking = two.getByRole('dialog', { name: 'Roll back' });
  await asking.getByText('A second person has to approve it.').waitFor();
  await asking.getByLabel('Why').fill('She cannot print at the new one');
  await asking.getByLabel('Why').press('Enter');
  await asking.waitFor({ state: 'detached' });

  // It waits, and nothing has moved.
  const done = (page: Page) => page.getByRole('region', { name: page === two ? 'What the desk did' : 'Waits for a second person' }).getByRole('listitem').filter({ hasText: 'She cannot print at the new one' });
  await done(two).getByText('waits', { exact: true }).waitFor();
  expect(await done(two).getByRole('button', { name: /Approve/ }).count()).toBe(0);
  const home = async (): Promise<string> => (await sql<{ home: string }>`select home from route join account on account.id = account_id where address = ${JANE.user}`.execute(store.db())).rows[0]!.home;
  expect(await home()).toBe('new');
  // Nor by a request of one's own.
  const [asked] = (await sql<{ id: number }>`select id from desk_act where state = 'asked'`.execute(store.db())).rows;
  const alone = await two.evaluate(async (id) => {
    const answer = await fetch(`/api/desk/acts/${id}/decide`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ approve: true, why: 'it is I who asked' }) });
    return [answer.status, ((await answer.json()) as { sentence?: string }).sentence];
  }, asked!.id);
  expect(alone).toEqual([403, 'You asked for this yourself: it takes a second person.']);

  // The second person finds it on the start page, without a refresh.
  await lead.getByRole('heading', { name: 'Waits for a second person' }).waitFor();
  await done(lead).getByRole('link', { name: JANE.user }).waitFor();
  await done(lead).getByRole('button', { name: /Approve/ }).click();
  const deciding = lead.getByRole('dialog', { name: `Roll back: ${JANE.user}` });
  await deciding.waitFor();
  await readable(lead, 'second-person-desktop');
  const walking = await office.signedIn('lead', '/desk/', { size: 'phone' });
  await walking.getByRole('button', { name: /Approve/ }).click();
  const walkingDialog = walking.getByRole('dialog', { name: `Roll back: ${JANE.user}` });
  await walkingDialog.getByText('Asked for by level-two.person: “She cannot print at the new one”').waitFor();
  // Nothing is decided without a word, and it is said what is missing.
  await walkingDialog.getByRole('button', { name: 'Approve' }).click();
  await walkingDialog.getByText('Three letters or more').waitFor();
  await readable(walking, 'second-person-phone');
  await deciding.getByLabel('Why you approve or decline').fill('called her back');
  await deciding.getByRole('button', { name: 'Approve' }).click();
  await deciding.waitFor({ state: 'detached' });
  await expect.poll(() => lead.getByRole('heading', { name: 'Waits for a second person' }).count()).toBe(0);
  await done(two).getByText('done', { exact: true }).waitFor();
  await done(two).getByText('called her back').waitFor();
  await expect.poll(home).toBe('old');
  expect(await audited('desk.roll-back-asked')).toEqual([{ actor: 'staff:level-two.person', why: 'She cannot print at the new one' }]);
  expect(await audited('desk.roll-back-approved')).toEqual([{ actor: 'staff:lead.person', why: 'called her back' }]);
  // The console tells it, too.
  const operator = await office.signedIn('operator', '/console/');
  await operator.getByText(`${JANE.user} rolled back`).waitFor();
});

test.each(['desktop', 'phone'] as const)('an open dialog is readable by everybody (%s)', async (size) => {
  const page = await office.signedIn('lead', '/desk/', { size });
  async function reads(name: string, title: string | RegExp): Promise<void> {
    const dialog = page.getByRole('dialog', { name: title });
    await dialog.waitFor();
    await readable(page, `${name}-${size}`);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
  }
  await call(page, 'john hale', 'John Hale');
  await page.getByRole('heading', { name: 'Last sign-ins' }).waitFor();
  await page.keyboard.press('a');
  await page.getByRole('menuitem', { name: 'Hold back from waves' }).click();
  await reads('act', 'Hold back from waves');
  await page.keyboard.press('d');
  await page.getByRole('img', { name: 'The same settings, to scan' }).waitFor();
  await reads('settings', /./);
  await page.keyboard.press('c');
  await page.waitForURL(/\/desk\/cases\/\d+/);
  await page.getByLabel('Text').waitFor();
  await page.keyboard.press('e');
  await reads('hand-over', /./);
  await page.keyboard.press('b');
  await reads('call-back', /./);
  await page.goto(`${office.url}/desk/incidents`);
  await page.getByRole('button', { name: 'Declare an incident' }).click();
  await reads('declare', 'Declare an incident');
});
