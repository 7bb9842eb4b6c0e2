/**
 * The console as operators use it: a real plan over practice platforms, its waves and gates as they change, each act with its
 * states, its question and its trace in the audit, two operators at once, both sizes, light and dark, with the keyboard alone.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { sql } from 'kysely';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readRunFile } from '../../src/context/data-folder.ts';
import { createPeer } from '../../src/gateway/peers.testing.ts';
import { openClient } from '../../src/rehearsal/mail-client.ts';
import type { Store } from '../../src/store/index.ts';
import { JANE, JOHN, type Letter } from './letters.ts';
import { type Office, openOffice } from './office.ts';
import { faultsOf, shoot } from './portal.ts';

/** The new platform takes no letter of this size: whoever has one fails to move until it is gone. */
const CAP = 1_200_000;
const small = (n: number): Letter => ({ from: '"Harbour" <log@harbour.example>', subject: `Tide ${n}`, minutesAgo: 60 + n, text: `High water at ${n % 24}:10.` });
const LARGE: Letter = { from: '"Plans" <plans@attic.example>', subject: 'The attic, drawn', minutesAgo: 50, text: 'x'.repeat(CAP) };
const CARL = { user: 'carl@isp.example', secret: 'carl has plans', letters: [LARGE, small(1)] };
const DORA = { user: 'dora@isp.example', secret: 'dora has plans', letters: [LARGE] };
const CROWD = Array.from({ length: 90 }, (_, n) => ({ user: `n${String(n).padStart(2, '0')}@isp.example`, secret: `number ${n} knows`, letters: [1, 2, 3, 4, 5].map(small) }));

const SIZES_OF_ALL = ['desktop', 'phone'] as const;
/** In the midst of something that nobody ends, so that no machine, however quick, has moved the whole wave before it is paused, or aborted. */
const [BUSY, LAST] = CROWD.slice(-2) as [(typeof CROWD)[number], (typeof CROWD)[number]];

let office: Office;
let store: Store;
let one: Page;
let two: Page;
beforeAll(async () => {
  office = await openOffice({ platforms: ['old', 'new'], neighbours: [CARL, DORA, ...CROWD], messageCap: CAP });
  ({ store } = office);
});
afterAll(() => office?.close());

const act = (page: Page, name: string) => page.getByRole('group', { name: 'What can be done' }).getByRole('button', { name, exact: true });
const wave = (page: Page, name: string) => page.getByRole('listitem', { name: new RegExp(` ${name}$`) });
const happened = (page: Page) => page.getByRole('list', { name: 'What happened' });
const isPossible = async (page: Page): Promise<Record<string, boolean>> =>
  Object.fromEntries(await Promise.all(['Pause', 'Resume', 'Retry failed', 'Next wave', 'Abort'].map(async (name) => [name, (await act(page, name).getAttribute('aria-disabled')) === null])));
/** What stands in the audit: who, and why. */
const audited = async (name: string): Promise<{ actor: string; why: string | null }[]> => (await sql<{ actor: string; why: string | null }>`select actor, why from audit where act = ${name} order by id`.execute(store.db())).rows;

/** By keys alone: the act's own key, why, and Ctrl with Enter. */
async function byKeys(page: Page, key: string, title: string, why: string): Promise<void> {
  await page.keyboard.press(key);
  const dialog = page.getByRole('dialog', { name: title });
  await dialog.waitFor();
  await page.keyboard.type(why);
  await page.keyboard.press('Control+Enter');
  await dialog.waitFor({ state: 'detached' });
}

/** What cannot be done now says why when it is pressed. */
async function saysWhyNot(page: Page, name: string, reason: RegExp): Promise<void> {
  await act(page, name).click({ force: true });
  await page.getByRole('status').getByText(reason).waitFor();
  expect(await page.getByRole('dialog').count()).toBe(0);
}

/** What a button asks, in both schemes, with the fault in it that nobody has said why. */
async function questionsAreLegible(page: Page, size: 'desktop' | 'phone', questions: readonly (readonly [button: string, title: string])[]): Promise<void> {
  for (const [button, title] of questions) {
    await page.getByRole('button', { name: button, exact: true }).click();
    const dialog = page.getByRole('dialog', { name: title });
    await dialog.getByRole('button', { name: title }).click();
    await dialog.getByText('A few words, please.').first().waitFor();
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      await shoot(page, `console-${size}-${colorScheme}-${title.split(' ').slice(0, 2).join('-').toLowerCase()}`);
      expect([title, colorScheme, await faultsOf(page)]).toEqual([title, colorScheme, []]);
    }
    expect([title, await page.evaluate('document.documentElement.scrollWidth <= innerWidth')]).toEqual([title, true]);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
  }
}

/** Deletes what the new platform does not take, as its owner, by way of the gateway. */
async function deleteLarge({ user, secret }: { readonly user: string; readonly secret: string }): Promise<void> {
  const { client, refusal } = await openClient({ host: '127.0.0.1', port: readRunFile(office.portal.installation.data)!.ports.imaps!, secure: true, timeoutMs: 20_000 });
  expect(client, refusal).toBeDefined();
  for (const command of [`LOGIN "${user}" "${secret}"`, 'SELECT INBOX', `UID STORE 1:* +FLAGS (\\Deleted)`, 'EXPUNGE', 'LOGOUT']) expect((await client!.command(command)).status).toBe('OK');
  client!.close();
}

/** Begins to append a message and does not go on: a hold of the account comes to nothing. @returns what ends that */
async function append({ user, secret }: { readonly user: string; readonly secret: string }): Promise<() => void> {
  const peer = createPeer(connect({ host: '127.0.0.1', port: readRunFile(office.portal.installation.data)!.ports.imaps!, rejectUnauthorized: false }));
  await peer.sees('IMAP ready.\r\n');
  peer.send(`a LOGIN "${user}" "${secret}"\r\n`);
  await peer.sees('a OK');
  peer.send('b APPEND INBOX {1000}\r\n');
  await peer.sees('+ ');
  return () => void peer.socket.destroy();
}

test('before any plan it says how one is begun', async () => {
  one = await office.signedIn('operator', '/console/');
  await one.getByRole('heading', { name: 'No switch is planned' }).waitFor();
  expect(await faultsOf(one)).toEqual([]);
});

test('technicians have no part in it', async () => {
  const page = await office.signedIn('level-one', '/console/');
  await expect.poll(async () => page.getByRole('heading', { name: 'No switch is planned' }).isVisible()).toBe(false);
  expect(await page.evaluate("fetch('/api/console/state').then(({ status }) => status)")).toBe(403);
});

test('a plan begins; a gate pauses it; what failed is asked again and left behind, each as far as the state allows', async () => {
  two = await office.signedIn('administrator', '/console/');
  const file = join(office.portal.installation.folder, 'friday.yaml');
  const waves = [{ name: 'ours first', accounts: [JANE.user] }, { name: 'the brave', accounts: [CARL.user, DORA.user] }, { name: 'harbour street', query: { address: 'n*' } }, { name: 'everybody', share: 'rest' }];
  writeFileSync(file, JSON.stringify({ plan: 'friday', from: 'old', to: 'new', waves, gates: { minimumSignIns: 100, failedMoves: 1 } }));
  const held = await office.portal.causeway('cutover', 'hold-back', JOHN.user, '--why', 'a funeral');
  expect(held.status, held.stderr).toBe(0);
  const begun = await office.portal.causeway('cutover', 'run', file);
  expect(begun.status, begun.stderr).toBe(0);

  // Live: nothing is fetched anew by hand.
  await one.getByRole('heading', { name: 'friday' }).waitFor();
  await wave(one, 'ours first').getByText('1 of 1 moved').waitFor();
  await one.getByText('failed moves: 2 (at most 1)').first().waitFor();
  await happened(one).getByText('Paused by a gate').waitFor();
  expect(await isPossible(one)).toEqual({ Pause: false, Resume: true, 'Retry failed': true, 'Next wave': true, Abort: true });
  await saysWhyNot(one, 'Pause', /^Pause: It is paused\.$/);

  await deleteLarge(CARL);
  await byKeys(one, 't', 'Ask the failed moves again', 'Carl has deleted his drawing');
  await happened(one).getByText('2 failed moves asked again').waitFor();
  // The other operator sees it, by whom and why.
  await happened(two).getByText('Carl has deleted his drawing').waitFor();
  await happened(two).getByText('operator.person').first().waitFor();
  // A paused plan stays paused.
  await saysWhyNot(two, 'Retry failed', /No move of the running wave has failed\./);
  await saysWhyNot(two, 'Next wave', /2 moves of the wave are still going on\./);
  await byKeys(one, 'r', 'Go on with the plan', 'and Dora is being called');
  await wave(two, 'the brave').getByText('1 of 2 moved · 1 failed').waitFor();
  await expect.poll(() => isPossible(two)).toEqual({ Pause: true, Resume: false, 'Retry failed': true, 'Next wave': true, Abort: true });
  await saysWhyNot(two, 'Resume', /^Resume: It is running\.$/);
  expect(await audited('cutover.retry')).toEqual([{ actor: 'staff:operator.person', why: 'Carl has deleted his drawing' }]);
  expect(await audited('cutover.resume')).toEqual([{ actor: 'staff:operator.person', why: 'and Dora is being called' }]);
});

test.each(SIZES_OF_ALL)('what it asks before an act is legible while it runs (%s)', async (size) => {
  const page = await office.signedIn('operator', '/console/?plan=friday', { size });
  await questionsAreLegible(page, size, [['Pause', 'Pause the plan'], ['Retry failed', 'Ask the failed moves again'], ['Next wave', 'Go on to the next wave'], ['Abort', 'Abort the plan']]);
});

test('two operators: on to the next wave, paused in the middle of it, what the other has done meanwhile is told', async () => {
  const [, lastIsDone] = await Promise.all([append(BUSY), append(LAST)]);
  await byKeys(one, 'n', 'Go on to the next wave', 'Dora comes later');
  await wave(two, 'harbour street').getByText('now', { exact: true }).waitFor();
  // Both are about to pause; the first one does.
  await two.keyboard.press('p');
  const late = two.getByRole('dialog', { name: 'Pause the plan' });
  await late.waitFor();
  await two.keyboard.type('callers wait');
  await byKeys(one, 'p', 'Pause the plan', 'callers wait for ten minutes');
  await two.keyboard.press('Control+Enter');
  await late.getByRole('alert').getByText('is paused').waitFor();
  await two.keyboard.press('Escape');
  await late.waitFor({ state: 'detached' });
  await two.getByText('callers wait for ten minutes').first().waitFor();
  await happened(two).getByText('On from “the brave”, 1 stays behind').waitFor();
  expect(await isPossible(two)).toMatchObject({ Pause: false, Resume: true, Abort: true });
  expect((await audited('cutover.pause')).map(({ actor }) => actor)).toEqual(['staff:operator.person']);
  expect(await audited('cutover.promote')).toEqual([{ actor: 'staff:operator.person', why: 'Dora comes later' }]);

  // Paused means that nothing more begins: who has moved when the holds are over has moved, and nobody else.
  const moved = async (): Promise<number> => (await sql<{ n: number }>`select count(*)::int as n from route where home = 'new'`.execute(store.db())).rows[0]!.n;
  const held = async (): Promise<number> => (await sql<{ n: number }>`select count(*)::int as n from route where phase = 'held'`.execute(store.db())).rows[0]!.n;
  await expect.poll(held).toBe(0);
  const then = await moved();
  expect(then).toBeLessThan(2 + CROWD.length);

  // The last of the wave is kept out of it, and let go again.
  const last = LAST.user;
  lastIsDone();
  await one.keyboard.press('h');
  const dialog = one.getByRole('dialog', { name: 'Hold accounts back' });
  await dialog.waitFor();
  await one.keyboard.type(last);
  await one.keyboard.press('Tab');
  await one.keyboard.type('a legal hold');
  await one.keyboard.press('Control+Enter');
  await dialog.waitFor({ state: 'detached' });
  await wave(two, 'harbour street').getByText('1 held back').waitFor();
  await two.getByRole('button', { name: `Let go: ${last}` }).click();
  await two.getByLabel('Why').fill('it was somebody else');
  await two.getByRole('dialog').getByRole('button', { name: 'Let accounts go' }).click();
  await expect.poll(() => wave(one, 'harbour street').getByText('held back').count()).toBe(0);
  await happened(one).getByText(`${last} held back`).waitFor();
  await happened(one).getByText(`${last} let go`).waitFor();
  expect(await audited('cutover.hold-back')).toMatchObject([{}, { actor: 'staff:operator.person', why: 'a legal hold' }]);
  expect(await audited('cutover.let-go')).toEqual([{ actor: 'staff:administrator.person', why: 'it was somebody else' }]);
  expect(await moved()).toBe(then);
  await shoot(one, 'console-paused-desktop-light');
});

test.each(SIZES_OF_ALL)('and while it is paused (%s)', async (size) => {
  const page = await office.signedIn('operator', '/console/?plan=friday', { size });
  await questionsAreLegible(page, size, [['Resume', 'Go on with the plan'], ['Abort', 'Abort the plan']]);
});

test('resumed, it moves again; a running plan does not roll back; aborted, it ends for good, and a wave goes back', async () => {
  const before = Number(/\d+/.exec(await wave(one, 'harbour street').getByText(/of \d+ moved/).innerText())![0]);
  await byKeys(one, 'r', 'Go on with the plan', 'nobody waits any more');
  await expect.poll(async () => Number(/\d+/.exec(await wave(two, 'harbour street').getByText(/of \d+ moved/).innerText())![0])).toBeGreaterThan(before);
  await one.keyboard.press('g');
  await one.keyboard.press('w');
  await one.keyboard.press('j');
  await one.keyboard.press('b');
  await one.getByRole('status').getByText('Roll back: Pause the plan first').waitFor();
  await one.keyboard.press('X');
  const abort = one.getByRole('dialog', { name: 'Abort the plan' });
  await abort.waitFor();
  await one.keyboard.press('Control+Enter');
  await abort.getByText('A few words, please.').waitFor();
  await one.keyboard.type('the new platform is too slow');
  await one.keyboard.press('Control+Enter');
  await abort.waitFor({ state: 'detached' });
  await expect.poll(() => isPossible(two)).toEqual({ Pause: false, Resume: false, 'Retry failed': false, 'Next wave': false, Abort: false });
  await two.getByText('Aborted', { exact: true }).first().waitFor();
  await saysWhyNot(two, 'Resume', /^Resume: The plan was aborted\.$/);
  await wave(two, 'harbour street').getByText('called off', { exact: true }).waitFor();

  // By keys: to the waves, into the first, rolled back.
  await one.keyboard.press('g');
  await one.keyboard.press('w');
  await one.keyboard.press('j');
  await one.keyboard.press('b');
  const dialog = one.getByRole('dialog', { name: 'Roll back the wave “ours first”' });
  await dialog.waitFor();
  await shoot(one, 'console-roll-back-desktop-light');
  await one.keyboard.type('Jane cannot print');
  await one.keyboard.press('Control+Enter');
  await dialog.waitFor({ state: 'detached' });
  await happened(two).getByText('“ours first” rolled back, 1 account').waitFor();
  await wave(two, 'ours first').getByText(/1 rolled back/).waitFor();
  expect(await audited('cutover.abort')).toEqual([{ actor: 'staff:operator.person', why: 'the new platform is too slow' }]);
  expect(await audited('cutover.roll-back')).toEqual([{ actor: 'staff:operator.person', why: 'Jane cannot print' }]);
});

test('a lead may pause, and nothing more', async () => {
  const page = await office.signedIn('lead', '/console/?plan=friday');
  await page.getByRole('heading', { name: 'friday' }).waitFor();
  await saysWhyNot(page, 'Abort', /^Abort: Your role does not allow this\.$/);
  await page.keyboard.press('?');
  await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor();
  expect(await faultsOf(page)).toEqual([]);
});

test.each(SIZES_OF_ALL)('it is legible, its open questions too, and nothing is in anybody\'s way (%s)', async (size) => {
  const page = await office.signedIn('operator', '/console/?plan=friday', { size });
  await page.getByRole('heading', { name: 'friday' }).waitFor();
  await page.getByRole('heading', { name: 'What happened' }).waitFor();
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    await shoot(page, `console-${size}-${colorScheme}`);
    expect(await faultsOf(page)).toEqual([]);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(size === 'phone' ? 390 : 1280);
  }
  await questionsAreLegible(page, size, [['Hold accounts back…', 'Hold accounts back'], ['Roll back harbour street', 'Roll back the wave “harbour street”']]);
});

test('while the server is away it says from when it is', async () => {
  await office.portal.running.stop();
  await one.getByText(/No connection to the server. What is shown is from \d\d:\d\d:\d\d/).waitFor();
  expect(await one.getByRole('heading', { name: 'friday' }).isVisible()).toBe(true);
});
