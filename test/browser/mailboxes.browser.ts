/** The tree of mailboxes: making, renaming, nesting, ordering, deleting them; moving mail there; room; importing. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { JANE, type Letter } from './letters.ts';
import { faultsOf, openPortal, type Portal, shoot } from './portal.ts';

/** Bytes. */
const QUOTA = 2_000_000;
/** A letter that takes so many bytes, as they are on the wire. */
const heavy = (subject: string, bytes: number, daysAgo: number): Letter => ({
  from: '"Ines Calder" <ines@calder.example>',
  subject,
  minutesAgo: daysAgo * 24 * 60,
  text: 'With the pictures.',
  attachments: [{ name: 'pictures.zip', type: 'application/zip', bytes: Buffer.alloc(Math.floor((bytes * 3 * 76) / (4 * 78))) }],
});
const NEARLY_FULL = { user: 'nora@isp.example', secret: 'nora has little room', letters: [heavy('The whole summer', 1_500_000, 3), heavy('A walk', 350_000, 9)] };
const FULL = { user: 'felix@isp.example', secret: 'felix has no room', letters: [heavy('The roof', 300_000, 2), heavy('The whole house', 1_500_000, 5), heavy('The stairs', 180_000, 8)] };

let portal: Portal;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'import-'));
  portal = await openPortal({ quota: QUOTA, neighbours: [NEARLY_FULL, FULL] });
});
afterAll(async () => {
  await portal?.close();
  rmSync(folder, { recursive: true });
});

const row = (page: Page, name: string | RegExp) => page.getByRole('row', { name }).first();
const box = (page: Page, name: string) => page.locator('a[data-mailbox]', { hasText: name });

async function menu(page: Page, mailbox: string, item: string): Promise<void> {
  await box(page, mailbox).first().hover();
  await page.getByRole('button', { name: `What can be done with ${mailbox}` }).click();
  await page.getByRole('menuitem', { name: item, exact: true }).click();
}

async function make(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name: 'New mailbox', exact: true }).click();
  await page.getByRole('textbox', { name: 'Name' }).fill(name);
  await page.getByRole('button', { name: 'Make it' }).click();
}

test('made, refused twice, renamed, nested, moved up, deleted with what is in it', async () => {
  const page = await portal.signedIn(JANE);
  await box(page, 'Inbox').waitFor();
  await make(page, 'Allotment');
  await box(page, 'Allotment').waitFor();
  await make(page, 'Allotment');
  await page.getByText('There is a mailbox of this name.').waitFor();
  expect(await faultsOf(page)).toEqual([]);
  await page.keyboard.press('Escape');
  await menu(page, 'Allotment', 'Rename');
  await page.getByRole('textbox', { name: 'Name' }).fill('Garden');
  await page.getByRole('button', { name: 'Save' }).click();
  await box(page, 'Garden').waitFor();
  expect(await box(page, 'Allotment').count()).toBe(0);
  await make(page, 'Projects');
  await box(page, 'Projects').waitFor();
  await menu(page, 'Garden', 'Move to …');
  await page.getByRole('dialog').getByRole('button', { name: 'Projects' }).click();
  await page.getByRole('button', { name: 'Hide what is in Projects' }).waitFor();
  // By keyboard: to the left closes, to the right opens.
  await box(page, 'Projects').focus();
  await page.keyboard.press('ArrowLeft');
  await expect.poll(() => box(page, 'Garden').count()).toBe(0);
  await page.keyboard.press('ArrowRight');
  await box(page, 'Garden').waitFor();
  await shoot(page, 'mailboxes-desktop-light');

  // A mail is moved there by the dialog that M and V and the toolbar open.
  await row(page, /Two books are due/).focus();
  await page.keyboard.press('v');
  await page.getByRole('combobox', { name: 'Find a mailbox' }).fill('gard');
  await shoot(page, 'move-desktop-light');
  expect(await faultsOf(page)).toEqual([]);
  await page.keyboard.press('Enter');
  await page.getByText('One message moved to Garden.').waitFor();
  await box(page, 'Garden').click();
  await row(page, /Two books are due/).waitFor();
  await menu(page, 'Projects', 'Delete');
  await page.getByText(/One message in it will be gone for good.*The mailbox inside goes, too/).waitFor();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await expect.poll(() => box(page, 'Projects').count()).toBe(0);
  await page.waitForURL(/\/mail\//);
  await page.context().close();
});

test('a mailbox with an odd name is used as the archive, from then on and in every browser; the other is one like others', async () => {
  const page = await portal.signedIn(JANE);
  await box(page, 'Inbox').waitFor();
  await make(page, 'Cellar');
  await box(page, 'Cellar').waitFor();
  // By keyboard from the menu on.
  await box(page, 'Cellar').first().hover();
  await page.getByRole('button', { name: 'What can be done with Cellar' }).focus();
  await page.keyboard.press('Enter');
  const chosen = page.locator('[role=menuitem][data-highlighted]');
  await chosen.waitFor();
  await page.keyboard.type('us');
  await chosen.filter({ hasText: 'Use as' }).waitFor();
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'What Cellar is for' });
  await dialog.getByRole('radio', { name: 'A folder like others' }).focus();
  for (let n = 0; n < 3; n += 1) await page.keyboard.press('ArrowDown');
  expect(await dialog.getByRole('radio', { name: 'Archive' }).isChecked()).toBe(true);
  await dialog.getByText('So far that is “Archive”').waitFor();
  expect(await faultsOf(page)).toEqual([]);
  await shoot(page, 'mailbox-use-desktop-light');
  await page.keyboard.press('Enter');
  await dialog.waitFor({ state: 'detached' });
  await row(page, /Your November bill/).focus();
  await page.keyboard.press('e');
  await page.getByText('One message moved to Cellar.').waitFor();

  const phone = await portal.signedIn(JANE, { size: 'phone', scheme: 'dark', language: 'es' });
  await phone.getByRole('button', { name: /^Buzones/ }).first().click();
  await box(phone, 'Cellar').click();
  await row(phone, /Your November bill/).waitFor();
  await phone.getByRole('button', { name: /^Buzones/ }).first().click();
  await phone.getByRole('button', { name: 'Qué se puede hacer con Cellar' }).click();
  await phone.getByRole('menuitem', { name: 'Usar como …' }).click();
  expect(await phone.getByRole('radio', { name: 'Archivo' }).isChecked()).toBe(true);
  expect(await faultsOf(phone)).toEqual([]);
  await shoot(phone, 'mailbox-use-phone-dark');
  await phone.keyboard.press('Escape');
  await phone.getByRole('dialog').waitFor({ state: 'detached' });
  await phone.context().close();

  await menu(page, 'Archive', 'Use as …');
  await page.getByRole('radio', { name: 'Archive' }).check();
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page.context().close();
});

test('mail is dragged to a mailbox, and the tree counts what is unread at once', async () => {
  const page = await portal.signedIn(JANE);
  await row(page, /Your ticket for 12 December/).waitFor();
  const unread = async (): Promise<number> => Number((await box(page, 'Inbox').locator('b > span').first().textContent()) ?? 0);
  const before = await unread();
  await row(page, /Unread.*Your ticket for 12 December/).dragTo(box(page, 'Archive'));
  await expect.poll(() => row(page, /Your ticket for 12 December/).count()).toBe(0);
  await expect.poll(unread).toBe(before - 1);
  await page.getByRole('button', { name: 'Undo' }).click();
  await row(page, /Your ticket for 12 December/).waitFor();
  await expect.poll(unread).toBe(before);
  await page.context().close();
});

test('what is imported is there with its dates and marks; what is no mail is told', async () => {
  const page = await portal.signedIn(JANE);
  await box(page, 'Archive').click();
  await page.getByRole('button', { name: 'How the list looks, and more' }).click();
  await page.getByRole('menuitem', { name: 'Import mail …' }).click();
  await shoot(page, 'import-desktop-light');
  expect(await faultsOf(page)).toEqual([]);
  const mbox = Array.from({ length: 7 }, (_, n) => `From a@example.net Thu Feb  ${n + 1} 10:00:00 2024\nFrom: Old Friend <a@example.net>\nSubject: From the attic ${n}\nMessage-ID: <attic-${n}@example.net>\nX-Status: ${n === 3 ? 'F' : ''}\n\n>From here on\nthe text ${n}\n\n`).join('');
  writeFileSync(join(folder, 'attic.mbox'), mbox);
  writeFileSync(join(folder, 'one.eml'), 'From: Someone <s@example.net>\r\nSubject: A single letter\r\nDate: Sat, 03 Feb 2024 12:00:00 +0000\r\n\r\nHello\r\n');
  writeFileSync(join(folder, 'notes.pdf'), '%PDF-1.7\nno mail\n');
  await page.locator('input[type=file]').setInputFiles(['attic.mbox', 'one.eml', 'notes.pdf'].map((name) => join(folder, name)));
  await page.getByText('8 imported; 1 could not be read as mail, or were too large.').waitFor();
  await row(page, /From the attic 6, .*February 7, 2024/).waitFor();
  await row(page, /Flagged, Old Friend, From the attic 3/).waitFor();
  await row(page, /A single letter, .*February 3, 2024/).waitFor();
  await page.context().close();
});

test('the chosen messages as one zip file', async () => {
  const page = await portal.signedIn(JANE);
  await row(page, /Your ticket for 12 December/).getByRole('checkbox').check();
  await row(page, /Photos of the little one/).getByRole('checkbox').check();
  await page.getByRole('button', { name: 'More', exact: true }).click();
  const download = page.waitForEvent('download');
  await page.getByRole('menuitem', { name: /Download as a zip/ }).click();
  const stream = await (await download).createReadStream();
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  const { unzipSync } = await import('fflate');
  const files = unzipSync(Buffer.concat(chunks));
  expect(Object.keys(files).map((name) => name.slice(11)).toSorted()).toEqual(['Photos of the little one.eml', 'Your ticket for 12 December.eml']);
  for (const bytes of Object.values(files)) expect(Buffer.from(bytes).toString('latin1')).toContain('MIME-Version: 1.0');
  await page.context().close();
});

test('the biggest messages, and emptying the trash', async () => {
  const page = await portal.signedIn(JANE);
  const room = page.getByRole('button', { name: /of 2 MB used/ });
  await expect.poll(() => room.innerText()).toMatch(/^\d+\skB of 2\sMB used$/);
  await room.click();
  const dialog = page.getByRole('dialog', { name: 'The biggest messages' });
  await dialog.getByRole('listitem').first().waitFor();
  await shoot(page, 'biggest-desktop-light');
  expect(await faultsOf(page)).toEqual([]);
  await dialog.getByRole('button', { name: /Move “.*” to the trash/ }).first().click();
  await page.keyboard.press('Escape');
  await box(page, 'Trash').click();
  await page.getByRole('row').first().waitFor();
  await menu(page, 'Trash', 'Empty');
  await page.getByRole('dialog').getByRole('button', { name: 'Empty' }).click();
  await page.getByText('Nothing washed up').waitFor();
  await page.context().close();
});

test('a mailbox that fills is told so, and one that is full is made room in by its biggest messages', async () => {
  const nora = await portal.signedIn(NEARLY_FULL);
  const nearly = nora.getByRole('button', { name: 'Nearly full: 1.9 MB of 2 MB used', exact: true });
  await nearly.waitFor();
  const [whole, used] = await Promise.all(['> span:last-child', '> span:last-child > span'].map(async (part) => (await nearly.locator(part).boundingBox())!));
  expect(used!.height).toBe(whole!.height);
  expect(used!.width / whole!.width).toBeGreaterThan(0.9);
  expect(used!.width).toBeLessThan(whole!.width);
  await shoot(nora, 'quota-nearly-desktop-light');
  expect(await faultsOf(nora)).toEqual([]);
  await nora.context().close();

  const letter: Letter = { from: '"The baker" <bread@corner.example>', subject: 'The rye is out of the oven', minutesAgo: 0, text: 'Come while it is warm. '.repeat(4_000) };
  await expect(portal.deliver(FULL.user, letter)).rejects.toThrow(/552/);
  const phone = await portal.signedIn(FULL, { size: 'phone', scheme: 'dark' });
  await phone.getByRole('button', { name: 'Mailboxes' }).click();
  await phone.getByRole('button', { name: 'Full: 2 MB of 2 MB used. New mail may be turned away.', exact: true }).waitFor();
  await shoot(phone, 'quota-full-phone-dark');
  expect(await faultsOf(phone)).toEqual([]);
  await phone.context().close();

  const page = await portal.signedIn(FULL, { scheme: 'dark' });
  await page.getByRole('button', { name: /^Full: 2 MB of 2 MB used/ }).click();
  const dialog = page.getByRole('dialog', { name: 'The biggest messages' });
  await dialog.getByText('Full: 2 MB of 2 MB used. New mail may be turned away.').waitFor();
  await dialog.getByRole('listitem').nth(2).waitFor();
  expect(await dialog.getByRole('listitem').getByRole('link').locator('span').allInnerTexts()).toEqual(['The whole house', 'The roof', 'The stairs']);
  await shoot(page, 'quota-full-desktop-dark');
  expect(await faultsOf(page)).toEqual([]);
  await dialog.getByRole('button', { name: 'Move “The whole house” to the trash' }).click();
  await page.keyboard.press('Escape');
  await menu(page, 'Trash', 'Empty');
  await page.getByRole('dialog').getByRole('button', { name: 'Empty' }).click();
  await page.getByRole('button', { name: /^\d+ kB of 2 MB used$/ }).waitFor();
  await portal.deliver(FULL.user, letter);
  await row(page, /The rye is out of the oven/).waitFor();
  await page.context().close();
});

test('on a phone the tree comes over the list, and goes when a mailbox is chosen', async () => {
  for (const scheme of ['light', 'dark'] as const) {
    const page = await portal.signedIn(JANE, { size: 'phone', scheme });
    await page.getByRole('button', { name: 'Mailboxes' }).click();
    await box(page, 'Sent').waitFor();
    await page.waitForTimeout(300);
    await shoot(page, `mailboxes-phone-${scheme}`);
    expect(await faultsOf(page)).toEqual([]);
    // Escape closes what is in front: a menu, a dialog, then the tree; the focus comes in, and goes back.
    const focused = () => page.evaluate('document.activeElement.ariaLabel ?? document.activeElement.textContent');
    expect(await focused()).toMatch(/^Inbox/);
    await page.getByRole('button', { name: 'What can be done with Sent' }).click();
    await page.getByRole('menu').waitFor();
    expect(await faultsOf(page)).toEqual([]);
    await shoot(page, `mailbox-menu-phone-${scheme}`);
    await page.keyboard.press('Escape');
    await page.getByRole('menu').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: /of 2 MB used/ }).click();
    const dialog = page.getByRole('dialog', { name: 'The biggest messages' });
    await dialog.waitFor();
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    await box(page, 'Sent').waitFor();
    await page.keyboard.press('Escape');
    await box(page, 'Sent').waitFor({ state: 'hidden' });
    expect(await focused()).toBe('Mailboxes');
    await page.getByRole('button', { name: 'Mailboxes' }).click();
    await box(page, 'Sent').click();
    await row(page, /To John Hale/).waitFor();
    await page.context().close();
  }
});
