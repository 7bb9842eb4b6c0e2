/** The frame: signing in, news without a refresh in a second tab, light and dark, languages, by keyboard, on a phone. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { JANE, JOHN } from './letters.ts';
import { faultsOf, openPortal, type Portal, shoot, signIn } from './portal.ts';

let portal: Portal;
beforeAll(async () => {
  portal = await openPortal();
});
afterAll(() => portal?.close());

test('signing in shows the mailbox; a letter arrives in two tabs without a refresh, and in many when the first is closed', async () => {
  const page = await portal.open();
  const refused: string[] = [];
  page.on('console', (message) => message.text().includes('Content Security Policy') && refused.push(message.text()));
  expect(await faultsOf(page)).toEqual([]);
  await shoot(page, 'sign-in-desktop-light');
  await signIn(page, JANE);
  await page.getByText('Saturday’s rehearsal moves to the library').first().waitFor();
  await shoot(page, 'mail-desktop-light');
  const tab = await portal.tab(page);
  await tab.getByText('Saturday’s rehearsal').first().waitFor();
  await portal.deliver(JANE.user, { from: '"The baker" <bread@corner.example>', subject: 'The rye is out of the oven', minutesAgo: 0, text: 'Come while it is warm.' });
  for (const each of [page, tab]) await each.getByText('The rye is out of the oven').first().waitFor();
  // Many tabs share one connection for news, so the sixth is still served; and the tab that listened may go.
  const more = await Promise.all(Array.from({ length: 6 }, () => portal.tab(page)));
  for (const each of more) await each.getByText('The rye is out of the oven').first().waitFor();
  await page.close();
  await portal.deliver(JANE.user, { from: '"The baker" <bread@corner.example>', subject: 'And now the buns', minutesAgo: 0, text: 'Warm, too.' });
  for (const each of [tab, more.at(-1)!]) await each.getByText('And now the buns').first().waitFor();
  expect(refused).toEqual([]);
});

test('a session that ends in the midst is signed in to again where it was; somebody else sees nothing of it', async () => {
  const page = await portal.signedIn(JANE);
  await page.getByText('Saturday’s rehearsal').first().click();
  await page.getByText('the hall has no heating', { exact: false }).first().waitFor();
  const at = page.url();
  // The page may find out by itself before the click does.
  const endsAt = async (subject: string): Promise<void> => {
    await page.context().clearCookies();
    await page.getByText(subject).first().click({ timeout: 5_000 }).catch(() => {});
    await page.locator('input[name=username]').waitFor();
  };
  await endsAt('Two books are due on Friday');
  await signIn(page, JANE);
  await page.getByText('Two books are due on Friday').first().click();
  await page.getByText('bring back or renew', { exact: false }).first().waitFor();
  expect(page.url()).not.toBe(at);
  await endsAt('Photos of the little one');
  await signIn(page, JOHN);
  await page.getByRole('button', { name: /john@isp.example/ }).waitFor();
  expect(await page.getByText(/rehearsal|Two books/).count()).toBe(0);
});

test('on a phone, in the dark, in Spanish', async () => {
  const page = await portal.open({ size: 'phone', scheme: 'dark', language: 'es' });
  await page.getByRole('heading', { name: 'Hola de nuevo' }).waitFor();
  expect(await faultsOf(page)).toEqual([]);
  await shoot(page, 'sign-in-phone-dark');
  await signIn(page, JANE);
  await page.getByText('Saturday’s rehearsal').first().waitFor();
  await shoot(page, 'mail-phone-dark');
  await page.getByRole('button', { name: /jane@isp\.example/ }).click();
  await page.getByRole('menu').waitFor();
  expect(await faultsOf(page)).toEqual([]);
  await shoot(page, 'account-menu-phone-dark');
  await page.keyboard.press('Escape');
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390);
});
