/**
 * By what one signs in, as a person does it: a passkey (Chromium's virtual authenticator), a code after the password, an
 * app password, a new password, other browsers and the history.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generate } from 'otplib';
import type { CDPSession, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { JANE, JOHN } from './letters.ts';
import { faultsOf, openPortal, type Portal, shoot } from './portal.ts';

let portal: Portal;
const folder = mkdtempSync(join(tmpdir(), 'causeway-key-'));
beforeAll(async () => {
  // Codes are kept under a key that comes from outside.
  writeFileSync(join(folder, 'key'), 'k'.repeat(64), { mode: 0o600 });
  process.env['CAUSEWAY_KNOWN_GOOD_KEY_FILE'] = join(folder, 'key');
  portal = await openPortal();
});
afterAll(async () => {
  await portal?.close();
  delete process.env['CAUSEWAY_KNOWN_GOOD_KEY_FILE'];
  rmSync(folder, { recursive: true });
});

const section = (page: Page, name: string) => page.getByRole('region', { name });
const openSettings = async (page: Page, id: 'security' | 'devices'): Promise<void> => {
  await page.goto(`${portal.url}/settings/${id}`);
  await page.getByRole('heading', { name: id === 'security' ? 'Signing in' : 'Devices and history', level: 2 }).waitFor();
};
/** The dialog that asks for the password once more. */
const confirm = async (page: Page, secret: string): Promise<void> => {
  await page.locator('dialog input[name=current-password]').fill(secret);
  await page.getByRole('button', { name: 'Go on' }).click();
};
const signOut = async (page: Page): Promise<void> => {
  await page.context().clearCookies();
  await page.goto(portal.url);
  await page.getByRole('heading', { name: 'Welcome back' }).waitFor();
};
const type = async (page: Page, { user, secret }: { user: string; secret: string }): Promise<void> => {
  await page.locator('input[name=username]').fill(user);
  await page.locator('input[name=password]').fill(secret);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
};
const isIn = (page: Page) => page.locator('#messages').waitFor();

/** A laptop with a fingerprint reader, before this page. */
async function authenticatorAt(page: Page): Promise<{ cdp: CDPSession; id: string }> {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('WebAuthn.enable', { enableUI: false });
  const { authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', { options: { protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true } });
  return { cdp, id: authenticatorId };
}

test('a passkey is made after the password, lets in without name and password while the platform is dead, and is removed', async () => {
  const page = await portal.signedIn(JANE);
  const { cdp, id } = await authenticatorAt(page);
  await openSettings(page, 'security');
  expect(await faultsOf(page)).toEqual([]);
  await shoot(page, 'security-desktop-light');
  await page.getByRole('button', { name: 'Make a passkey' }).click();
  await confirm(page, 'not hers');
  await page.getByText('This is not your present password.').waitFor();
  expect(await faultsOf(page)).toEqual([]);
  await confirm(page, JANE.secret);
  await section(page, 'Passkeys').getByText(/Chrome on Linux/).waitFor();
  expect((await cdp.send('WebAuthn.getCredentials', { authenticatorId: id })).credentials).toMatchObject([{ isResidentCredential: true, rpId: 'localhost' }]);

  const platform = portal.platforms['old']!;
  await platform.auth.kill();
  // The button; in this browser the quiet offer would choose by itself.
  await cdp.send('WebAuthn.setUserVerified', { authenticatorId: id, isUserVerified: true });
  await page.context().clearCookies();
  await page.goto(portal.url);
  // The quiet offer beside the name field lets in by itself, or the button does.
  const button = page.getByRole('button', { name: 'Use a passkey' });
  await Promise.race([button.waitFor(), isIn(page)]);
  if (await button.isVisible()) await button.click().catch(() => {});
  await isIn(page);
  await platform.auth.restart();

  await openSettings(page, 'security');
  await page.getByRole('button', { name: /^Remove Chrome/ }).click();
  await confirm(page, JANE.secret);
  await page.getByText('The passkey is removed.').waitFor();
  await section(page, 'Passkeys').getByText(/Chrome on Linux/).waitFor({ state: 'detached' });
});

test('codes: turned on with a phone, asked for after the password, a recovery code instead, and off again', async () => {
  const page = await portal.signedIn(JANE);
  await openSettings(page, 'security');
  await page.getByRole('button', { name: 'Set up codes' }).click();
  await confirm(page, JANE.secret);
  await page.getByRole('img', { name: 'QR code for your authenticator app' }).waitFor();
  const secret = (await page.locator('dialog code').textContent())!.replaceAll(' ', '');
  expect(await faultsOf(page)).toEqual([]);
  await shoot(page, 'security-code-desktop-light');
  await page.locator('dialog input[name=code]').fill('000000');
  await page.getByRole('button', { name: 'Turn codes on' }).click();
  await page.getByText('This code is not right.').waitFor();
  const turnedOn = Math.floor(Date.now() / 1_000);
  await page.locator('dialog input[name=code]').fill(await generate({ secret, epoch: turnedOn }));
  await page.getByRole('button', { name: 'Turn codes on' }).click();
  const codes = page.getByRole('list', { name: 'Recovery codes' }).locator('code');
  await codes.nth(9).waitFor();
  const recovery = await codes.allTextContents();
  await shoot(page, 'security-recovery-desktop-light');
  await page.getByRole('button', { name: 'I have kept them' }).click();
  await section(page, 'Code after the password').getByText(/^On since/).waitFor();

  await signOut(page);
  await type(page, JANE);
  await page.getByRole('heading', { name: 'One more step' }).waitFor();
  expect(await faultsOf(page)).toEqual([]);
  await shoot(page, 'sign-in-code-desktop-light');
  // A whole code is sent by itself.
  await page.locator('input[name=code]').fill('000000');
  await page.getByText('This code is not right.').waitFor();
  // Another one than before, whatever the time: the phone's clock may be a step ahead.
  await page.locator('input[name=code]').fill(await generate({ secret, epoch: Math.max(Math.floor(Date.now() / 1_000), turnedOn + 30) }));
  await isIn(page);

  await signOut(page);
  await type(page, JANE);
  await page.getByRole('button', { name: 'Use a recovery code' }).click();
  await page.locator('input[name=code]').fill(recovery[0]!);
  await page.getByRole('button', { name: 'Go on' }).click();
  await isIn(page);
  await openSettings(page, 'security');
  await page.getByText('9 recovery codes are left.').waitFor();
  await page.getByRole('button', { name: 'Turn codes off' }).click();
  await confirm(page, JANE.secret);
  await page.getByText('Codes are not asked for any more.').waitFor();
});

test('an app password is shown once; a new password keeps this browser and ends the others; all of it is in the history', async () => {
  const page = await portal.signedIn(JOHN, { size: 'phone', scheme: 'dark' });
  const other = await portal.signedIn(JOHN);
  await openSettings(page, 'security');
  await page.getByRole('button', { name: 'Make an app password' }).click();
  await page.getByLabel('Name').fill('Phone');
  await page.getByRole('button', { name: 'Make', exact: true }).click();
  await confirm(page, JOHN.secret);
  const shown = await page.getByRole('list', { name: 'App password' }).locator('code').textContent();
  expect(shown).toMatch(/^[a-z2-9]{4}(-[a-z2-9]{4}){3}$/);
  await shoot(page, 'security-app-password-phone-dark');
  await page.getByRole('button', { name: 'Done' }).click();
  await section(page, 'App passwords').getByText('Phone').waitFor();
  await shoot(page, 'security-phone-dark');
  expect(await faultsOf(page)).toEqual([]);
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390);

  await page.getByRole('button', { name: 'Change the password' }).click();
  const [old, next] = [page.locator('dialog input[name=old]'), page.locator('dialog input[name=new]')];
  await old.fill('not his');
  await next.fill('a boat, a lamp, seven pears');
  await page.locator('dialog').getByRole('button', { name: 'Change the password' }).click();
  await page.getByText('This is not your present password.').waitFor();
  await old.fill(JOHN.secret);
  await page.locator('dialog').getByRole('button', { name: 'Change the password' }).click();
  await page.getByRole('heading', { name: 'Your password is changed' }).waitFor();
  await page.getByRole('button', { name: 'Done' }).click();
  await openSettings(page, 'devices');
  await page.getByText('This one').waitFor();
  // The history is written beside sign-in, some seconds later.
  for (let n = 0; n < 10 && !(await page.getByText('Wrong password').first().waitFor({ timeout: 2_000 }).then(() => true, () => false)); n += 1) await page.reload();
  await page.getByText('Wrong password').first().waitFor();
  expect(await faultsOf(page)).toEqual([]);
  await shoot(page, 'devices-phone-dark');
  await other.goto(portal.url);
  await other.getByRole('heading', { name: 'Welcome back' }).waitFor();
});
