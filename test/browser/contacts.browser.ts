/** Contacts: imported, found, changed, grouped, deleted with a way back, exported; on a desk and on a phone. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readFileSync } from 'node:fs';
import { JANE, JOHN } from './letters.ts';
import { faultsOf, openPortal, type Portal, shoot } from './portal.ts';

let portal: Portal;
beforeAll(async () => {
  portal = await openPortal();
});
afterAll(() => portal?.close());

const PEOPLE = [
  ['Marta Okafor', 'marta@riverside-choir.example', 'Choir', 'CELL:+44 7700 900101'],
  ['John Hale', 'john@isp.example', 'Family', 'HOME:+44 1632 960102'],
  ['Jörg Brandt', 'joerg@brandt.example', 'Choir', 'CELL:+49 170 5550103'],
  ['Aoife Ní Bhriain', 'aoife@harbour.example', 'Allotment', ''],
  ['Samir Haddad', 'samir@haddad.example', 'Allotment,Choir', 'WORK:+44 1632 960104'],
];
const FILE = Buffer.from(
  PEOPLE.map(([name, email, groups, phone]) => `BEGIN:VCARD\r\nVERSION:3.0\r\nFN:${name}\r\nEMAIL;TYPE=HOME:${email}\r\n${phone === '' ? '' : `TEL;TYPE=${phone}\r\n`}CATEGORIES:${groups}\r\nBDAY:1970-01-01\r\nEND:VCARD\r\n`).join(''),
);

test('a file is brought along; people are found, changed, grouped, deleted with a way back, and taken along again', async () => {
  const page = await portal.signedIn(JANE);
  await page.getByRole('banner').getByRole('link', { name: 'Contacts' }).click();
  await page.getByRole('heading', { name: 'Nobody yet' }).waitFor();
  expect(await faultsOf(page)).toEqual([]);
  await page.locator('input[type=file]').setInputFiles({ name: 'people.vcf', mimeType: 'text/vcard', buffer: FILE });
  await page.getByText('5 added.').waitFor();
  await page.locator('input[type=file]').setInputFiles({ name: 'people.vcf', mimeType: 'text/vcard', buffer: FILE });
  await page.getByText('0 added, 5 there already.').waitFor();

  await page.getByRole('searchbox', { name: 'Search contacts' }).fill('jorg');
  await page.getByRole('link', { name: /Jörg Brandt/ }).click();
  await page.getByRole('heading', { name: 'Jörg Brandt' }).waitFor();
  expect(await faultsOf(page)).toEqual([]);
  await page.getByRole('button', { name: 'Change' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('textbox', { name: 'Email address' }).fill('nonsense');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await dialog.getByText('This is not an address.').waitFor();
  await dialog.getByRole('textbox', { name: 'Email address' }).fill('jb@brandt.example');
  await dialog.getByRole('button', { name: 'Another number' }).click();
  await dialog.getByRole('textbox', { name: 'Phone number' }).last().fill('+49 711 555');
  await dialog.getByLabel('Notes').fill('Sings bass.\nHas the keys to the hall.');
  expect(await faultsOf(page)).toEqual([]);
  await shoot(page, 'contact-form-desktop-light');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('link', { name: '+49 711 555' }).waitFor();

  await page.getByRole('searchbox', { name: 'Search contacts' }).fill('');
  await page.getByRole('button', { name: /^Choir 3/ }).first().click();
  await expect.poll(() => page.getByRole('region', { name: 'Contacts' }).getByRole('link').count()).toBe(3);
  await page.waitForTimeout(200);
  await shoot(page, 'contacts-desktop-light');
  await page.getByRole('button', { name: 'More' }).click();
  await page.getByRole('menuitem', { name: 'Rename the group …' }).click();
  await dialog.getByLabel('Name of the group').fill('Riverside');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('button', { name: /^Riverside 3/ }).waitFor();

  await page.getByRole('button', { name: 'Delete' }).click();
  await page.getByText('Jörg Brandt is deleted.').waitFor();
  await expect.poll(() => page.getByRole('button', { name: /^Riverside 2/ }).count()).toBe(1);
  await page.getByRole('button', { name: 'Undo' }).click();
  await page.getByRole('button', { name: /^Riverside 3/ }).waitFor();

  await page.getByRole('button', { name: 'More' }).click();
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('menuitem', { name: 'Export all (vCard)' }).click()]);
  const taken = readFileSync(await download.path(), 'utf8');
  expect([download.suggestedFilename(), taken.match(/BEGIN:VCARD/g)?.length, taken.match(/BDAY:1970-01-01/g)?.length]).toEqual(['contacts.vcf', 5, 4]);
  expect(taken).toContain('NOTE:Sings bass.\\nHas the keys to the hall.');
});

test('on a phone, in the dark, by hand and by keyboard', async () => {
  const page = await portal.signedIn(JOHN, { size: 'phone', scheme: 'dark' });
  await page.goto(`${portal.url}/contacts`);
  await page.getByRole('button', { name: 'New contact' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name', { exact: true }).fill('Jane Hale');
  await dialog.getByRole('textbox', { name: 'Email address' }).fill(JANE.user);
  await dialog.getByLabel('Groups').fill('Family');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Jane Hale' }).waitFor();
  expect(await faultsOf(page)).toEqual([]);
  await page.waitForTimeout(200);
  await shoot(page, 'contact-phone-dark');
  await page.getByRole('main').getByRole('link', { name: 'Contacts' }).click();
  await page.getByRole('link', { name: /Jane Hale/ }).waitFor();
  expect(await faultsOf(page)).toEqual([]);
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390);
  await shoot(page, 'contacts-phone-dark');
});
