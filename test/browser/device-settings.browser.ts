/** Settings for a caller's iPhone: the code on the technician's screen as a camera sees it, what it leads to, and the page once its hour is over. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { encode } from 'uqr';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readRunFile } from '../../src/context/data-folder.ts';
import { call } from './desk-keys.ts';
import { JANE } from './letters.ts';
import { type Office, openOffice } from './office.ts';
import { faultsOf, type Look, shoot } from './portal.ts';
import { seenOf } from './qr-picture.ts';

/** As customers know it; here it is the same program, by its port. */
const PAGES = 'https://password.isp.example';
const LOOKS: readonly Look[] = [{}, { scheme: 'dark' }, { size: 'phone' }, { size: 'phone', scheme: 'dark' }];
const nameOf = ({ size = 'desktop', scheme = 'light' }: Look): string => `${size}-${scheme}`;

let folder: string;
let office: Office;
let customers: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'causeway-settings-'));
  // The office seals the link, and another process opens it: by the key that comes from outside.
  writeFileSync(join(folder, 'key'), 'k'.repeat(64));
  process.env['CAUSEWAY_KNOWN_GOOD_KEY_FILE'] = join(folder, 'key');
  const loopback = { host: '127.0.0.1', port: 0 };
  office = await openOffice({ listen: { submissions: loopback, selfcare: { ...loopback, tls: false, url: PAGES } } });
  customers = `http://localhost:${readRunFile(office.portal.installation.data)!.ports.selfcare!}`;
});
afterAll(async () => {
  await office?.close();
  delete process.env['CAUSEWAY_KNOWN_GOOD_KEY_FILE'];
  rmSync(folder, { recursive: true, force: true });
});

/** By keys, as far as there are any. @returns the link that is shown beside the code */
async function forIphone(page: Page): Promise<string> {
  await page.getByRole('combobox', { name: 'Find a caller' }).waitFor();
  await call(page, 'hale jane', 'Jane Hale');
  await page.getByRole('heading', { name: 'Last sign-ins' }).waitFor();
  await page.keyboard.press('d');
  const dialog = page.getByRole('dialog', { name: 'Settings for a device' });
  // What is shown first moves the rest: once it stands, a click meets what it aims at.
  await dialog.getByRole('img').waitFor();
  await dialog.getByRole('radio', { name: 'iPhone, iPad' }).check({ force: true });
  return dialog.getByText(`${PAGES}/settings/`).last().innerText();
}

test.each(LOOKS)('a camera reads it: %o', async (look) => {
  const page = await office.signedIn('level-one', '/desk/', look);
  const link = await forIphone(page);
  const code = page.getByRole('img', { name: /^To scan with the iPhone/ });
  const { data, size } = encode(link, { border: 4 });
  expect(size).toBeGreaterThan(40);
  for (const forcedColors of ['none', 'active'] as const) {
    await page.emulateMedia({ forcedColors });
    await code.scrollIntoViewIfNeeded();
    const { pixels, modules } = await seenOf(code, size);
    expect([forcedColors, pixels % 1, pixels >= 4]).toEqual([forcedColors, 0, true]);
    expect(modules).toEqual(data);
    await shoot(page, `iphone-${nameOf(look)}${forcedColors === 'none' ? '' : '-forced'}`);
  }
  await page.emulateMedia({ forcedColors: 'none' });
  expect(await faultsOf(page)).toEqual([]);
  expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
});

test('it leads to a profile of her own, without a password', async () => {
  const link = await forIphone(await office.signedIn('level-one', '/desk/'));
  const phone = await office.portal.browser.newPage();
  const [download] = await Promise.all([phone.waitForEvent('download'), phone.goto(link.replace(PAGES, customers)).catch((error: Error) => expect(error.message).toContain('Download is starting'))]);
  expect(download.suggestedFilename()).toBe('mail.mobileconfig');
  const profile = readFileSync((await download.path())!, 'utf8');
  for (const expected of ['com.apple.mail.managed', JANE.user]) expect(profile).toContain(expected);
  expect(profile).not.toMatch(/<key>(Incoming|Outgoing)Password</);
});

test.each(LOOKS)('once it is over its page says so, and what to do: %o', async ({ size = 'desktop', scheme = 'light' }) => {
  const page = await office.open('/desk/', { size, scheme });
  expect((await page.goto(`${customers}/settings/over`))?.status()).toBe(404);
  await page.getByText('Please ask for a new one. Nothing in your mailbox or your device has changed.').waitFor();
  expect(await faultsOf(page)).toEqual([]);
  expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
  await shoot(page, `iphone-over-${size}-${scheme}`);
});
