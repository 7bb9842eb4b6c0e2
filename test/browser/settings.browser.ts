/** Settings: what is set in one browser holds in another; names and signatures. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { JANE, JOHN } from './letters.ts';
import { faultsOf, openPortal, type Portal, shoot } from './portal.ts';

let portal: Portal;
beforeAll(async () => {
  portal = await openPortal();
});
afterAll(() => portal?.close());

test('light, language and the time to think again are the same in another browser', async () => {
  const page = await portal.signedIn(JANE);
  await page.getByRole('banner').getByRole('link', { name: 'Settings' }).click();
  await page.getByRole('heading', { name: 'Language and looks' }).waitFor();
  await page.getByLabel('Time to think again').selectOption('20');
  await page.getByRole('radio', { name: 'Compact' }).check();
  expect(await faultsOf(page)).toEqual([]);
  await shoot(page, 'settings-general-desktop-light');
  // After the page's own handlers, in the same turn: what is pressed must not jump back.
  await page.evaluate(`window.jumpedBack = 0; addEventListener('click', ({ target }) => { if (target.type === 'radio' && !target.checked) window.jumpedBack += 1; })`);
  await page.getByRole('radio', { name: 'Dark' }).check();
  expect(await page.evaluate('window.jumpedBack')).toBe(0);
  await page.getByLabel('Language', { exact: true }).selectOption('es');
  await page.getByRole('heading', { name: 'Idioma y aspecto' }).waitFor();
  await expect.poll(async () => (await page.request.get(`${portal.url}/api/settings`)).json()).toMatchObject({ theme: 'dark', language: 'es', undoSendSeconds: 20, density: 'compact' });
  expect(await faultsOf(page)).toEqual([]);

  const phone = await portal.signedIn(JANE, { size: 'phone' });
  await phone.goto(`${portal.url}/settings`);
  await phone.getByRole('link', { name: /^General/ }).waitFor();
  await expect.poll(() => phone.evaluate('document.documentElement.dataset.theme')).toBe('dark');
  expect(await faultsOf(phone)).toEqual([]);
  await shoot(phone, 'settings-phone-dark');
  await phone.getByRole('link', { name: /^General/ }).click();
  await phone.getByRole('heading', { name: 'Idioma y aspecto' }).waitFor();
  expect(await phone.getByLabel('Tiempo para pensarlo').inputValue()).toBe('20');
  expect(await faultsOf(phone)).toEqual([]);
  expect(await phone.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390);
  await shoot(phone, 'settings-general-phone-dark');
  await phone.getByLabel('Idioma', { exact: true }).selectOption('en');
  await phone.getByRole('radio', { name: 'As the system' }).check();
  await expect.poll(async () => (await page.request.get(`${portal.url}/api/settings`)).json()).toMatchObject({ theme: 'system', language: 'en' });
});

test('a name, a signature and another name of the same address, by keyboard where it can be', async () => {
  const page = await portal.signedIn(JANE);
  await page.goto(`${portal.url}/settings/identities`);
  await page.getByRole('button', { name: `Change ${JANE.user}` }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name').fill('Jane Hale');
  await dialog.getByLabel('Answers go to').fill('not one');
  await dialog.getByText('One of these is not an address.').waitFor();
  await dialog.getByLabel('Answers go to').fill('Choir <choir@isp.example>');
  await dialog.getByRole('textbox', { name: 'Signature' }).click();
  await page.keyboard.type('Jane Hale');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Control+b');
  await page.keyboard.type('Riverside Choir');
  expect(await faultsOf(page)).toEqual([]);
  await shoot(page, 'settings-identity-desktop-light');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await dialog.waitFor({ state: 'detached' });
  await page.getByText('Jane Hale', { exact: true }).waitFor();

  await page.getByRole('button', { name: 'Another name' }).click();
  const menu = page.getByRole('menuitem', { name: JANE.user });
  if (await menu.isVisible()) await menu.click();
  await dialog.getByLabel('Name').fill('The treasurer');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await page.getByText('The treasurer', { exact: true }).waitFor();
  expect(await faultsOf(page)).toEqual([]);
  await shoot(page, 'settings-identities-desktop-light');
  await page.reload();
  await page.getByRole('button', { name: 'Change Jane Hale' }).click();
  expect(await page.getByRole('textbox', { name: 'Signature' }).innerHTML()).toContain('<strong>Riverside Choir</strong>');
  expect(await page.getByLabel('Answers go to').inputValue()).toBe('Choir <choir@isp.example>');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Remove The treasurer' }).click();
  await page.getByText('The treasurer').waitFor({ state: 'detached' });
});

test('an absence reply and rules share a script with another program, whose rules stay; a script is written by hand', async () => {
  const page = await portal.signedIn(JANE);
  await page.goto(`${portal.url}/settings/filters`);
  await page.getByText('No rules yet.').waitFor();
  await page.getByText('Scripts', { exact: true }).click();
  await page.getByRole('button', { name: 'New script' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name of the script').fill('mine');
  await dialog.getByLabel('Script', { exact: true }).fill('require "fileinto";\nfileinto "Archive"');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await dialog.getByText(/semicolon is missing/).waitFor();
  await dialog.getByLabel('Script', { exact: true }).fill('require "fileinto";\nif header :contains "subject" "old" { fileinto "Archive"; }\n');
  expect(await faultsOf(page)).toEqual([]);
  await dialog.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('button', { name: 'Put into effect' }).click();
  await page.getByText('Another program has rules in the same script.').waitFor();

  await page.getByRole('button', { name: 'New rule' }).click();
  await dialog.getByLabel('Name').fill('Choir');
  await dialog.getByLabel('Text').fill('riverside-choir.example');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await dialog.getByText('Something is missing.').waitFor();
  await dialog.getByLabel('Mailbox').selectOption({ label: 'Archive' });
  await dialog.getByRole('button', { name: 'Another act' }).click();
  await dialog.getByLabel('Act').last().selectOption('flag');
  await dialog.getByRole('button', { name: 'Another condition' }).click();
  await dialog.getByLabel('What', { exact: true }).last().selectOption('size');
  expect(await faultsOf(page)).toEqual([]);
  await shoot(page, 'settings-rule-desktop-light');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Sender contains “riverside-choir.example” and Size is over 5 MB → Move to Archive, Flag it').waitFor();
  await page.getByRole('switch', { name: 'Choir is on' }).click();
  await expect.poll(async () => (await (await page.request.get(`${portal.url}/api/filters`)).json()) as object).toMatchObject({ rules: [{ name: 'Choir', enabled: false }], hasOthers: true, edited: false });
  expect(await faultsOf(page)).toEqual([]);
  await shoot(page, 'settings-filters-desktop-light');

  await page.goto(`${portal.url}/settings/away`);
  await page.getByRole('switch', { name: 'Reply while I am away' }).click();
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Write what shall be answered.').waitFor();
  await page.getByLabel('Reply', { exact: true }).fill('I am at sea until May.\nJane');
  await page.getByLabel('Until').fill('2027-05-01T08:00');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Saved.', { exact: true }).waitFor();
  expect(await faultsOf(page)).toEqual([]);
  await shoot(page, 'settings-away-desktop-light');
  const script = (await (await page.request.get(`${portal.url}/api/filters/scripts/mine`)).json()) as { text: string };
  expect(script.text).toContain('"I am at sea until May.\nJane"');
  expect(script.text).toContain('if header :contains "subject" "old" { fileinto "Archive"; }');
  await page.reload();
  expect(await page.getByLabel('Reply', { exact: true }).inputValue()).toBe('I am at sea until May.\nJane');
});

test('on a phone, in the dark, in Spanish: a rule is made, changed, put off and deleted, and mail is forwarded with a copy kept', async () => {
  const page = await portal.signedIn(JOHN, { size: 'phone', scheme: 'dark', language: 'es' });
  await page.goto(`${portal.url}/settings/filters`);
  await page.getByText(/^Todavía no hay reglas/).waitFor();
  await page.getByRole('button', { name: 'Nueva regla' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Nombre').fill('Coro');
  await dialog.getByLabel('Texto').fill('riverside-choir.example');
  await dialog.getByLabel('Acción').selectOption('forward');
  await dialog.getByLabel('Dirección').fill('jane@isp.example');
  await dialog.getByRole('button', { name: 'Otra condición' }).click();
  await dialog.getByLabel('Qué', { exact: true }).last().selectOption('size');
  expect(await faultsOf(page)).toEqual([]);
  const [rule, save] = [(await dialog.boundingBox())!, (await dialog.getByRole('button', { name: 'Guardar' }).boundingBox())!];
  expect(rule.x + rule.width).toBeLessThanOrEqual(390);
  expect(save.y + save.height).toBeLessThanOrEqual(844);
  for (const field of await dialog.locator('select, input:not([type=radio], [type=checkbox])').all()) expect((await field.boundingBox())!.height).toBeGreaterThanOrEqual(44);
  await shoot(page, 'settings-rule-phone-dark');
  await dialog.getByRole('button', { name: 'Guardar' }).click();
  await dialog.waitFor({ state: 'detached' });
  await page.getByText(/riverside-choir\.example/).waitFor();
  expect(await faultsOf(page)).toEqual([]);
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390);
  await shoot(page, 'settings-filters-phone-dark');
  await page.getByRole('switch', { name: /Coro/ }).click();
  await expect.poll(async () => (await (await page.request.get(`${portal.url}/api/filters`)).json()) as object).toMatchObject({ rules: [{ name: 'Coro', enabled: false, actions: [{ kind: 'forward', keepCopy: true }] }] });
  await page.context().close();
});

test('how the own mailbox’s move stands is told to who is signed in, and to nobody else', async () => {
  const page = await portal.signedIn(JANE, { size: 'phone', scheme: 'dark' });
  await page.goto(`${portal.url}/settings/mailbox`);
  await page.getByRole('heading', { level: 3, name: 'Your mailbox stays where it is' }).waitFor();
  expect(await faultsOf(page)).toEqual([]);
  await shoot(page, 'settings-mailbox-phone-dark');
  expect((await page.request.get(`${portal.url}/api/answer`)).status()).toBe(200);
  await page.context().clearCookies();
  expect((await page.request.get(`${portal.url}/api/answer`)).status()).toBe(401);
});
