/** Searching: words over all mailboxes, operators, suggestions, chips, what is marked, by keyboard, on a phone. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { INBOX, JANE, type Letter, SENT } from './letters.ts';
import { faultsOf, openPortal, type Portal, shoot } from './portal.ts';

/** The practice platform compares bytes, so what is searched for must be in a head: there it is not encoded. */
const HARBOUR: readonly Letter[] = [
  { from: '"Wim Osters" <wim@osters.example>', subject: 'The harbour lights are out', minutesAgo: 90, text: 'Bring a lamp.' },
  { from: '"Wim Osters" <wim@osters.example>', subject: 'A lamp for the harbour', minutesAgo: 300, text: 'It is by the door.', flags: ['\\Seen'] },
];
const ASKED: readonly Letter[] = [{ from: '"Jane Marlow" <jane@isp.example>', to: '"Wim Osters" <wim@osters.example>', subject: 'Which harbour?', minutesAgo: 60, text: 'Ours?', flags: ['\\Seen'] }];

let portal: Portal;
beforeAll(async () => {
  portal = await openPortal({ mail: { INBOX: [...INBOX, ...HARBOUR], Sent: [...SENT, ...ASKED], Drafts: [], Archive: [], Junk: [], Trash: [] } });
});
afterAll(() => portal?.close());

const row = (page: Page, name: string | RegExp) => page.getByRole('row', { name }).first();
const field = (page: Page) => page.getByRole('combobox', { name: /Search all mail|Buscar en todo el correo/ });

async function search(page: Page, query: string): Promise<void> {
  await field(page).fill(query);
  await page.keyboard.press('Enter');
}

test('words are found in all mailboxes, marked, with the name of where they are', async () => {
  const page = await portal.signedIn(JANE);
  await row(page, /Saturday’s rehearsal/).waitFor();
  await page.keyboard.press('/');
  expect(await page.evaluate('document.activeElement?.getAttribute("role")')).toBe('combobox');
  await search(page, 'harbour');
  await row(page, /Jane Marlow, Which harbour.*Sent/).waitFor();
  await row(page, /Wim Osters, The harbour lights.*Inbox/).waitFor();
  await expect.poll(() => page.locator('[role=row] mark').count()).toBeGreaterThan(0);
  expect(await page.locator('[role=row] mark').first().textContent()).toBe('harbour');
  await shoot(page, 'search-desktop-light');
  expect(await faultsOf(page)).toEqual([]);
  // Opened from the results, and back to them.
  await row(page, /Wim Osters, The harbour lights/).getByRole('link').click();
  await page.waitForURL(/\/search\/[^/]+\?q=harbour/);
  await page.goBack();
  await row(page, /Jane Marlow, Which harbour/).waitFor();
  await page.context().close();
});

test('operators; chips take away what was asked for; a link to a search is that search', async () => {
  const page = await portal.signedIn(JANE);
  await row(page, /Saturday’s rehearsal/).waitFor();
  await search(page, 'has:attachment -from:rail');
  await row(page, /Photos of the little one/).waitFor();
  expect(await row(page, /Your ticket/).count()).toBe(0);
  await page.getByRole('button', { name: 'Remove “Not: From rail”' }).click();
  await row(page, /Your ticket/).waitFor();
  expect(new URL(page.url()).searchParams.get('q')).toBe('has:attachment');
  await page.reload();
  await row(page, /Your ticket/).waitFor();
  expect(await row(page, /Saturday’s rehearsal/).count()).toBe(0);
  await search(page, 'in:sent');
  await row(page, /allotment/).waitFor();
  await row(page, /Which harbour/).waitFor();
  expect(await page.getByRole('row').count()).toBe(2);
  await search(page, 'in:nowhere');
  await page.getByText('There is no mailbox “nowhere”.').waitFor();
  await page.getByText('The light found nothing').waitFor();
  await shoot(page, 'search-empty-desktop-light');
  await page.context().close();
});

test('suggestions by keyboard: people that wrote, and what is often wanted', async () => {
  const page = await portal.signedIn(JANE);
  await row(page, /Saturday’s rehearsal/).waitFor();
  await field(page).fill('ine');
  await page.getByRole('option', { name: /From Ines Calder/ }).waitFor();
  await shoot(page, 'search-suggestions-desktop-light');
  expect(await faultsOf(page)).toEqual([]);
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await row(page, /Ines Calder, Photos/).waitFor();
  expect(new URL(page.url()).searchParams.get('q')).toBe('from:ines@calder.example');
  await page.context().close();
});

test('what is typed is never syntax for the platform', async () => {
  const page = await portal.signedIn(JANE);
  await row(page, /Saturday’s rehearsal/).waitFor();
  for (const hostile of ['") UID STORE 1:* +FLAGS (\\Deleted', '{5}\r\nx LOGOUT', '\\" OR ALL', 'subject:"a\\"b) ALL"']) {
    await search(page, hostile);
    await page.getByText('The light found nothing').waitFor();
  }
  await search(page, 'harbour');
  await row(page, /The harbour lights/).waitFor();
  await page.context().close();
});

test('on a phone, in Spanish, in the dark', async () => {
  const page = await portal.signedIn(JANE, { size: 'phone', scheme: 'dark', language: 'es' });
  await row(page, /Saturday’s rehearsal/).waitFor();
  await page.getByRole('link', { name: 'Buscar' }).click();
  await page.getByText('¿Qué busca?').waitFor();
  expect(await faultsOf(page)).toEqual([]);
  await search(page, 'is:flagged');
  await row(page, /Photos of the little one/).waitFor();
  await page.getByRole('button', { name: 'Quitar «Con estrella»' }).waitFor();
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390);
  expect(await faultsOf(page)).toEqual([]);
  await shoot(page, 'search-phone-dark');
  await page.context().close();
});
