/** The list of messages: what it shows, choosing many, acting and undoing, by keyboard, news, on a phone, with a long mailbox. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { INBOX, JANE, type Letter } from './letters.ts';
import { faultsOf, openPortal, type Portal, shoot } from './portal.ts';

const LONG: readonly Letter[] = Array.from({ length: 1_500 }, (_, n): Letter => ({ from: `"Buoy ${n % 7}" <buoy${n % 7}@sea.example>`, subject: `Wave height, report ${n}`, minutesAgo: 10 + n * 30, text: `Report ${n}: ${n % 5} metres.`, flags: n % 2 === 0 ? ['\\Seen'] : [] }));

let portal: Portal;
beforeAll(async () => {
  portal = await openPortal({ mail: { INBOX, Sent: [], Drafts: [], Archive: [], Junk: [], Trash: [], Reports: LONG } });
});
afterAll(() => portal?.close());

const rows = (page: Page) => page.getByRole('row');
const row = (page: Page, name: string | RegExp) => page.getByRole('row', { name }).first();
const box = (page: Page, name: string) => page.locator('a[data-mailbox]', { hasText: name }).first();

test('the inbox: who, what, when, and what is unread; axe finds nothing', async () => {
  for (const scheme of ['light', 'dark'] as const) {
    const page = await portal.signedIn(JANE, { scheme });
    await row(page, /Unread, .*Marta Okafor, Saturday’s rehearsal/).waitFor();
    await row(page, /2 in this conversation|3 in this conversation/).waitFor();
    await row(page, /With attachments, Harbour Rail/).waitFor();
    await shoot(page, `list-desktop-${scheme}`);
    expect(await faultsOf(page)).toEqual([]);
    await page.context().close();
  }
});

test('moved, undone, deleted by keyboard, undone by keyboard', async () => {
  const page = await portal.signedIn(JANE);
  const library = row(page, /Two books are due/);
  await library.waitFor();
  await library.getByRole('checkbox').check();
  await page.getByRole('button', { name: 'Archive', exact: true }).click();
  await expect.poll(() => row(page, /Two books are due/).count()).toBe(0);
  await page.getByText('One message moved to Archive.').waitFor();
  await page.getByRole('button', { name: 'Undo' }).click();
  await row(page, /Two books are due/).waitFor();
  // The same mail, not a copy, also for the server.
  await page.reload();
  await row(page, /Two books are due/).waitFor();
  expect(await row(page, /Two books are due/).count()).toBe(1);
  await row(page, /Two books are due/).focus();
  await page.keyboard.press('#');
  await expect.poll(() => row(page, /Two books are due/).count()).toBe(0);
  await page.keyboard.press('z');
  await row(page, /Two books are due/).waitFor();
  await page.context().close();
});

test('flag, read and unread are shown at once and kept', async () => {
  const page = await portal.signedIn(JANE);
  await row(page, /Your November bill/).waitFor();
  await row(page, /Your November bill/).focus();
  await page.keyboard.press('s');
  await page.keyboard.press('U');
  await row(page, /Unread, Flagged.*Your November bill/).waitFor();
  // Said once the server has it.
  await page.getByText('One message flagged.').waitFor();
  await page.getByText('One message marked as unread.').waitFor();
  await page.reload();
  await row(page, /Unread, Flagged.*Your November bill/).waitFor();
  await row(page, /Your November bill/).focus();
  await page.keyboard.press('I');
  await page.keyboard.press('s');
  await expect.poll(() => row(page, /Unread, Flagged.*Your November bill/).count()).toBe(0);
  await page.context().close();
});

test('a long mailbox: scrolled to its end, all of it chosen, moved in batches with progress, and brought back', async () => {
  const page = await portal.signedIn(JANE);
  await box(page, 'Reports').click();
  await row(page, /report 0,/).waitFor();
  expect(await page.getByRole('grid').getAttribute('aria-rowcount')).toBe('1500');
  await page.locator('[data-scroll]').evaluate((list) => list.scrollTo({ top: 1e7 }));
  await row(page, /report 1499,/).waitFor();
  expect(await rows(page).count()).toBeLessThan(60);
  await page.locator('[data-scroll]').evaluate((list) => list.scrollTo({ top: 0 }));
  await row(page, /report 0,/).getByRole('checkbox').check();
  await row(page, /report 5,/).getByRole('checkbox').click({ modifiers: ['Shift'] });
  await page.getByText('6 selected').waitFor();
  await page.keyboard.press('*');
  await page.keyboard.press('a');
  await page.getByRole('button', { name: /Select all 1,500 in Reports/ }).click();
  await page.getByText('All 1,500 are selected.').waitFor();
  await shoot(page, 'list-all-desktop-light');
  await page.getByRole('button', { name: 'Archive', exact: true }).click();
  await page.getByRole('progressbar').waitFor();
  await page.getByText('1,500 messages moved to Archive.').waitFor();
  await page.getByText('Still waters').waitFor();
  await shoot(page, 'list-empty-desktop-light');
  await page.getByRole('button', { name: 'Undo' }).click();
  await page.getByText('1,500 messages as before.').waitFor();
  await row(page, /report 0,/).waitFor();
  await expect.poll(() => page.getByRole('grid').getAttribute('aria-rowcount')).toBe('1500');
  await page.context().close();
});

test('by keyboard alone: into the list, down, open, next, back, help', async () => {
  const page = await portal.signedIn(JANE);
  await row(page, /Saturday’s rehearsal/).waitFor();
  await row(page, /Saturday’s rehearsal/).focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  expect(await page.evaluate('document.activeElement?.getAttribute("aria-label")')).toMatch(/Two books|allotment/);
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/mail\/[^/]+\/[^/]+$/);
  const first = page.url();
  await page.keyboard.press('j');
  await expect.poll(() => page.url()).not.toBe(first);
  await page.keyboard.press('u');
  await page.waitForURL(/\/mail\/[^/]+$/);
  await page.keyboard.press('?');
  await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor();
  await shoot(page, 'shortcuts-desktop-light');
  expect(await faultsOf(page)).toEqual([]);
  await page.getByRole('checkbox', { name: /Shortcuts of one character/ }).uncheck();
  await page.keyboard.press('Escape');
  await page.keyboard.press('?');
  await page.waitForTimeout(300);
  expect(await page.getByRole('dialog').count()).toBe(0);
  await page.context().close();
});

test('new mail comes by itself, in the list and in the title, and what one reads stays where it is', async () => {
  const page = await portal.signedIn(JANE);
  await row(page, /Saturday’s rehearsal/).waitFor();
  expect(await page.title()).toMatch(/^\(\d+\) Mail$/);
  await page.locator('[data-scroll]').evaluate((list) => list.scrollTo({ top: 1_700 }));
  await row(page, /Readings of day 4/).waitFor();
  const at = async (): Promise<number> => Math.round((await row(page, /Readings of day 5\d,/).boundingBox())?.y ?? 0);
  const before = await at();
  const count = async (): Promise<number> => Number(await page.getByRole('grid').getAttribute('aria-rowcount'));
  const wereThere = await count();
  await portal.deliver(JANE.user, { from: '"The baker" <bread@corner.example>', subject: 'The rye is out of the oven', minutesAgo: 0, text: 'Come while it is warm.' });
  await expect.poll(() => page.title()).toMatch(/^\(\d+\) Mail$/);
  await expect.poll(count).toBe(wereThere + 1);
  await page.waitForTimeout(500);
  expect(Math.abs((await at()) - before)).toBeLessThan(4);
  await page.locator('[data-scroll]').evaluate((list) => list.scrollTo({ top: 0 }));
  await row(page, /The rye is out of the oven/).waitFor();
  await page.context().close();
});

test('on a phone: one pane, targets for fingers, nothing too wide', async () => {
  for (const scheme of ['light', 'dark'] as const) {
    const page = await portal.signedIn(JANE, { size: 'phone', scheme, language: 'es' });
    await row(page, /Saturday’s rehearsal/).waitFor();
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390);
    await shoot(page, `list-phone-${scheme}`);
    expect(await faultsOf(page)).toEqual([]);
    const star = await row(page, /Saturday’s rehearsal/).getByRole('button').boundingBox();
    expect(Math.min(star?.width ?? 0, star?.height ?? 0)).toBeGreaterThanOrEqual(44);
    await row(page, /Saturday’s rehearsal/).getByRole('checkbox').check();
    await page.getByText('1 seleccionado').waitFor();
    await shoot(page, `list-chosen-phone-${scheme}`);
    expect(await faultsOf(page)).toEqual([]);
    await page.context().close();
  }
});

test('on a phone a finger pushes a row aside: a little does nothing, far deletes or puts away, and both can be undone; up and down scrolls', async () => {
  const page = await portal.signedIn(JANE, { size: 'phone', scheme: 'dark' });
  const finger = await page.context().newCDPSession(page);
  const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', ...touchPoints: { x: number; y: number }[]): Promise<unknown> => finger.send('Input.dispatchTouchEvent', { type, touchPoints });
  /** @param by pixels, in steps as a finger makes them */
  const push = async (name: RegExp, by: { x?: number; y?: number }, held: () => Promise<unknown> = async () => {}): Promise<void> => {
    const { x, y, width, height } = (await row(page, name).boundingBox())!;
    const from = { x: x + width / 2, y: y + height / 2 };
    await touch('touchStart', from);
    for (let step = 1; step <= 8; step += 1) await touch('touchMove', { x: from.x + ((by.x ?? 0) * step) / 8, y: from.y + ((by.y ?? 0) * step) / 8 });
    await held();
    await touch('touchEnd');
  };
  await row(page, /Two books are due/).waitFor();
  await push(/Two books are due/, { x: -60 });
  await push(/Two books are due/, { y: -200 });
  await expect.poll(() => page.locator('[data-scroll]').evaluate((list) => list.scrollTop)).toBeGreaterThan(50);
  await page.locator('[data-scroll]').evaluate((list) => list.scrollTo({ top: 0 }));
  expect(await page.getByRole('button', { name: 'Undo' }).count()).toBe(0);
  await push(/Two books are due/, { x: -150 }, async () => {
    expect(await faultsOf(page)).toEqual([]);
    await shoot(page, 'list-pushed-phone-dark');
  });
  await expect.poll(() => row(page, /Two books are due/).count()).toBe(0);
  await page.getByRole('button', { name: 'Undo' }).click();
  await row(page, /Two books are due/).waitFor();
  await push(/Two books are due/, { x: 150 });
  await page.getByText('One message moved to Archive.').waitFor();
  await expect.poll(() => row(page, /Two books are due/).count()).toBe(0);
  await page.getByRole('button', { name: 'Undo' }).last().click();
  await row(page, /Two books are due/).waitFor();
  await page.context().close();
});
