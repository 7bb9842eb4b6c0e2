/**
 * The staff's way in and the frame of their pages, as a person does it: password, code, passkey, identity provider; both sizes,
 * light and dark, with the keyboard alone.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generate } from 'otplib';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type IdentityProvider, openIdentityProvider } from '../../src/staff/oidc/identity-provider.testing.ts';
import { type Office, openOffice, signInStaff } from './office.ts';
import { faultsOf, shoot } from './portal.ts';

let office: Office;
let idp: IdentityProvider;
const folder = mkdtempSync(join(tmpdir(), 'causeway-key-'));
beforeAll(async () => {
  // Codes are kept under a key that comes from outside.
  writeFileSync(join(folder, 'key'), 'k'.repeat(64), { mode: 0o600 });
  process.env['CAUSEWAY_KNOWN_GOOD_KEY_FILE'] = join(folder, 'key');
  // At 127.0.0.1, which is another site than localhost.
  idp = await openIdentityProvider();
  idp.endsSessions = true;
  writeFileSync(join(folder, 'oidc'), idp.clientSecret, { mode: 0o600 });
  const oidc = { issuer: idp.issuer, trustedNetwork: true, clientId: idp.clientId, clientSecretFile: join(folder, 'oidc'), button: 'Your work account', roles: { claim: 'groups', values: { helpers: 'level-one', leads: 'lead' } } };
  office = await openOffice({ config: { staff: { oidc } } });
});
afterAll(async () => {
  await office?.close();
  await idp?.close();
  delete process.env['CAUSEWAY_KNOWN_GOOD_KEY_FILE'];
  rmSync(folder, { recursive: true });
});

const isIn = (page: Page) => page.locator('main#content').waitFor();
const person = (page: Page) => page.getByRole('button', { name: /theme, sign-in, sign out/ });
const openOwn = async (page: Page): Promise<void> => {
  await person(page).click();
  await page.getByRole('menuitem', { name: 'Sign-in and sessions' }).click();
  await page.getByRole('heading', { name: 'Where you are signed in' }).waitFor();
};

test.each([['desktop', 'light'], ['desktop', 'dark'], ['phone', 'light'], ['phone', 'dark']] as const)('the sign-in page says what is wrong and lets in whom it knows (%s, %s)', async (size, scheme) => {
  const { name, password } = office.staff.lead;
  const page = await office.open('/desk/', { size, scheme });
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  expect(await faultsOf(page)).toEqual([]);
  await shoot(page, `staff-sign-in-${size}-${scheme}`);
  await page.keyboard.type(name);
  await page.keyboard.press('Tab');
  await page.keyboard.type('not this one, surely');
  await page.keyboard.press('Enter');
  await page.getByText('The name or the password is not right.').waitFor();
  expect(await page.locator('input[name=username]').inputValue()).toBe(name);
  await shoot(page, `staff-sign-in-wrong-${size}-${scheme}`);
  await page.locator('input[name=password]').fill(password);
  await page.keyboard.press('Enter');
  await isIn(page);
  await person(page).waitFor();
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(size === 'phone' ? 390 : 1280);
  await openOwn(page);
  expect(await faultsOf(page)).toEqual([]);
  await shoot(page, `staff-own-${size}-${scheme}`);
});

test('a code after the password, each once; then signed out, and what was open asks again', async () => {
  const added = await office.portal.causeway('staff', 'add', 'maria', '--role', 'administrator', '--json');
  const { name, password, phone } = JSON.parse(added.stdout) as { name: string; password: string; phone: { code: string } };
  const page = await office.open('/desk/', { scheme: 'dark' });
  await page.locator('input[name=username]').fill(name);
  await page.locator('input[name=password]').fill(password);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'One more step' }).waitFor();
  expect(await faultsOf(page)).toEqual([]);
  await shoot(page, 'staff-code-desktop-dark');
  await page.keyboard.type('000000');
  await page.getByText('This code is not right.').waitFor();
  await page.locator('input[name=code]').fill(await generate({ secret: phone.code }));
  await isIn(page);
  await person(page).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
});

test('a passkey is made with the password, and lets in without it; a session that was ended elsewhere asks its own person again', async () => {
  const { name, password } = office.staff.operator;
  const page = await office.signedIn('operator', '/desk/');
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('WebAuthn.enable', { enableUI: false });
  const { authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', { options: { protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true } });
  await openOwn(page);
  await page.locator('input[name=passkey]').fill('laptop');
  await page.locator('form:has(input[name=passkey]) input[name=password]').fill(password);
  await page.getByRole('button', { name: 'Add a passkey' }).click();
  await page.getByText('The passkey is made.').waitFor();
  await page.context().clearCookies();
  await page.goto(`${office.url}/desk/`);
  // The browser offers it where the name is typed; the virtual one chooses it at once, else the button asks.
  await Promise.race([isIn(page), page.getByRole('button', { name: 'Use a passkey' }).click({ timeout: 10_000 }).catch(() => {})]);
  await isIn(page);

  // From here on the device has none: else it would let its owner in again by itself.
  await cdp.send('WebAuthn.removeVirtualAuthenticator', { authenticatorId });

  const other = await office.open('/desk/');
  await signInStaff(other, { name, password });
  await openOwn(other);
  await other.getByRole('button', { name: 'End all others' }).click();
  await other.getByRole('button', { name: 'End all others' }).waitFor({ state: 'detached' });
  // With a dialog open, too, which stays open behind.
  await person(page).click();
  await page.getByRole('menuitem', { name: 'Sign-in and sessions' }).click();
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  expect(await faultsOf(page)).toEqual([]);
  await signInStaff(page, { name, password });
  await person(page).waitFor();
});

test('the identity provider lets in whom it knows, to the page that was asked for; where it fails the page is calm, and the password works', async () => {
  idp.person = { sub: 'f7a1', preferred_username: 'rosa', groups: ['helpers', 'leads'] };
  idp.left.length = 0;
  idp.err = {};
  const page = await office.open('/desk/incidents', { size: 'phone', scheme: 'dark' });
  const button = page.getByRole('button', { name: 'Your work account' });
  await button.waitFor();
  expect(await faultsOf(page)).toEqual([]);
  await shoot(page, 'staff-oidc-phone-dark');
  await button.click();
  await isIn(page);
  expect(page.url()).toBe(`${office.url}/desk/incidents`);
  expect(await person(page).textContent()).toMatch(/rosa.*Shift lead/);
  await openOwn(page);
  await page.getByText('You sign in by the identity provider.').waitFor();
  expect(await page.locator('input[type=password]').count()).toBe(0);
  expect(await faultsOf(page)).toEqual([]);
  await shoot(page, 'staff-oidc-own-phone-dark');

  // The session ends elsewhere: what is open stays, and another tab lets in again.
  const other = await page.context().newPage();
  await other.goto(`${office.url}/desk/`);
  await person(other).click();
  await other.getByRole('menuitem', { name: 'Sign out' }).click();
  await other.getByRole('heading', { name: 'Sign in' }).waitFor();
  // By way of the identity provider, where the next person would be let in without a question else.
  expect([idp.left, other.url()]).toEqual([['f7a1'], `${office.url}/desk/`]);
  await other.close();
  await page.getByRole('button', { name: 'Close' }).click();
  await openOwn(page).catch(() => {});
  await button.waitFor();
  const [tab] = await Promise.all([page.context().waitForEvent('page'), button.click()]);
  await isIn(tab);
  await tab.close();
  await page.bringToFront();
  await page.evaluate('window.dispatchEvent(new Event("focus"))');
  await button.waitFor({ state: 'detached' });

  await page.goto(`${office.url}/desk/`);
  await person(page).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  idp.err.token = 'broken';
  await button.click();
  await page.getByText('does not answer at this moment. That is not your doing.').waitFor();
  expect(page.url()).toBe(`${office.url}/desk/`);
  expect(await faultsOf(page)).toEqual([]);
  await shoot(page, 'staff-oidc-down-phone-dark');
  idp.err = {};
  await signInStaff(page, office.staff.lead);
  await person(page).waitFor();
});
