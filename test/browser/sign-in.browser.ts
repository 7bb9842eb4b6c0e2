/**
 * Signing in, as a person does it: a wrong password, an outage that ends; at both sizes, in light and dark. Passkeys and codes are in
 * security.browser.ts, where they are made.
 */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { JANE, JOHN } from './letters.ts';
import { faultsOf, openPortal, type Portal, shoot } from './portal.ts';

let portal: Portal;
beforeAll(async () => {
  portal = await openPortal();
});
afterAll(() => portal?.close());

const type = async (page: Page, { user, secret }: { user: string; secret: string }): Promise<void> => {
  await page.locator('input[name=username]').fill(user);
  await page.locator('input[name=password]').fill(secret);
};
const enter = (page: Page) => page.getByRole('button', { name: 'Sign in', exact: true }).click();
const open = (page: Page) => page.locator('#messages').waitFor();

test('what is wrong is said to be wrong, what was typed stays, and the right one lets in', async () => {
  const page = await portal.open();
  await enter(page);
  await page.getByText('Please fill in both fields.').waitFor();
  await type(page, { ...JANE, secret: 'not hers' });
  await enter(page);
  await page.getByText('The name or the password is not right.').waitFor();
  expect(await page.locator('input[name=username]').inputValue()).toBe(JANE.user);
  expect(await faultsOf(page)).toEqual([]);
  await shoot(page, 'sign-in-wrong-desktop-light');
  await page.locator('input[name=password]').fill(JANE.secret);
  await page.keyboard.press('Enter');
  await open(page);
});

test.each([['desktop', 'light'], ['phone', 'dark']] as const)('an outage: nobody is blamed, what was typed stays, and the page lets its customer in by itself (%s, %s)', async (size, scheme) => {
  const platform = portal.platforms['old']!;
  await platform.auth.kill();
  const page = await portal.open({ size, scheme });
  const john = { ...JOHN };
  // John is known here since the first of these tests: now it is a secret that nobody can judge.
  if (size === 'phone') john.secret = `${JOHN.secret} perhaps`;
  await type(page, john);
  await enter(page);
  await page.getByRole('heading', { name: 'Signing in is not working just now' }).waitFor();
  await page.getByText('Your password was not rejected. Please do not change it.').waitFor();
  await page.getByText(/^Next try in \d+ s$/).waitFor();
  expect(await page.locator('[role=status]').first().textContent()).toMatch(/tries again by itself in \d+ seconds/);
  expect(await page.locator('[role=alert]').textContent()).toBe('');
  expect([await page.locator('input[name=username]').inputValue(), await page.locator('input[name=password]').inputValue()]).toEqual([john.user, john.secret]);
  expect(await faultsOf(page)).toEqual([]);
  await shoot(page, `sign-in-outage-${size}-${scheme}`);
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(size === 'phone' ? 390 : 1280);
  await platform.auth.restart();
  if (size === 'desktop') await page.locator('#messages').waitFor();
  else await page.getByText('The name or the password is not right.').waitFor();
});
