/** The desk's cases by keys alone: macros, call-backs, two in one case, merging, what was frozen. Runs in an office that is open (desk.browser.ts). */
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { call, chosen, focusedText, go, isFocused, openCase, tabTo } from './desk-keys.ts';
import type { Office } from './office.ts';
import { shoot } from './portal.ts';

const CASES = '/desk/cases';

export function testCases(officeOf: () => Office): void {
  const signedIn = async (role: 'level-one' | 'level-two' | 'lead'): Promise<Page> => {
    const page = await officeOf().signedIn(role, '/desk/');
    await page.getByRole('combobox', { name: 'Find a caller' }).waitFor();
    return page;
  };
  const said = (page: Page, text: string) => page.locator('li p').filter({ hasText: text });

  test('a macro is written and tried by a lead, and read before it is sent by whoever answers with it', async () => {
    const one = await signedIn('level-one');
    await call(one, 'hale jane', 'Jane Hale');
    const id = await openCase(one);

    const lead = await signedIn('lead');
    await lead.keyboard.press('Escape');
    await go(lead, 'm');
    await lead.getByRole('heading', { level: 1, name: 'Macros' }).waitFor();
    await lead.keyboard.press('+');
    await lead.getByLabel('Name').waitFor();
    await lead.keyboard.type('Old password in a phone');
    await lead.keyboard.press('Tab');
    await lead.keyboard.type('Hello {{name}},\n\n{{adress}} lives at {{platform}}.');
    await lead.getByText('Nothing is known by this name: adress').waitFor();
    await lead.keyboard.press('Control+a');
    await lead.keyboard.type('Hello {{name}},\n\nthe phone still sends the password from before. {{address}} lives at {{platform}}; please type the new one into the phone.');
    // What else it does, on the way to the end.
    await tabTo(lead, async () => (await lead.evaluate('document.activeElement.tagName')) === 'SELECT');
    await lead.keyboard.press('ArrowDown');
    await lead.keyboard.press('ArrowDown');
    await lead.keyboard.press('Control+Enter');
    await lead.getByRole('heading', { level: 2, name: 'Old password in a phone' }).waitFor();
    await lead.keyboard.press('v');
    await lead.keyboard.type(String(id));
    await lead.locator('figure').getByText('Hello Jane Hale,').waitFor();
    await lead.locator('figure').getByText('jane@isp.example lives at old').waitFor();
    await shoot(lead, 'desk-macro');
    await lead.keyboard.press('Tab');

    // Whoever may not write them reads and tries them.
    await one.keyboard.press('Escape');
    await one.keyboard.press('q');
    await one.getByRole('menuitem', { name: /^Old password/ }).waitFor();
    await one.keyboard.type('old');
    await chosen(one, 'Old password in a phone');
    await one.keyboard.press('Enter');
    const dialog = one.getByRole('dialog', { name: 'Old password in a phone' });
    await dialog.getByText('Hello Jane Hale,').waitFor();
    await dialog.getByText('sets priority high').waitFor();
    await shoot(one, 'desk-macro-used');
    expect(await said(one, 'Hello Jane Hale,').count()).toBe(0);
    await expect.poll(() => focusedText(one)).toContain('Send the answer');
    await one.keyboard.press('Enter');
    await said(one, 'Hello Jane Hale,').waitFor();
    await one.getByText('Priority: high').waitFor();
    expect(await said(one, '{{').count()).toBe(0);

    await lead.keyboard.press('x');
    await lead.getByText('“Old password in a phone” is removed.').waitFor();
    await lead.getByRole('button', { name: 'Undo' }).press('Enter');
    await lead.getByRole('link', { name: /^Old password in a phone/ }).waitFor();
  });

  test('a call back is promised, falls due, is tried in vain, and made', async () => {
    const one = await signedIn('level-one');
    await call(one, 'john hale', 'John Hale');
    const id = await openCase(one);
    const subject = (await one.getByRole('heading', { level: 1 }).textContent())!;
    await one.keyboard.press('b');
    const promise = one.getByRole('dialog', { name: 'Promise a call back' });
    await promise.waitFor();
    await one.keyboard.type('+44 1632 960055');
    await promise.getByLabel('When').fill(await one.evaluate('new Date(Date.now() - new Date().getTimezoneOffset() * 60_000 + 30_000).toISOString().slice(0, 16)'));
    await one.keyboard.press('Enter');
    await one.getByText('+44 1632 960055').first().waitFor();
    await go(one, 'c');
    await one.getByRole('heading', { level: 1, name: 'Cases' }).waitFor();
    await tabTo(one, async () => (await focusedText(one)).startsWith('Call backs'));
    await one.keyboard.press('Enter');
    await one.waitForURL(/queue=call-backs/);
    const line = one.getByRole('listitem').filter({ has: one.locator(`a[href="${CASES}/${id}"]`) });
    await line.getByText(/call back/).waitFor();
    await shoot(one, 'desk-call-backs');
    await one.keyboard.press('j');
    await one.keyboard.press('Enter');
    await one.getByRole('heading', { level: 1, name: subject }).waitFor();

    await one.keyboard.press('b');
    const made = one.getByRole('dialog', { name: 'Called back' });
    await made.waitFor();
    await one.keyboard.type('Nobody answered.');
    await one.keyboard.press('Shift+Tab');
    await one.keyboard.press('ArrowRight');
    await made.getByText('The call stays promised.').waitFor();
    await one.keyboard.press('Tab');
    await one.keyboard.press('Control+Enter');
    await said(one, 'Nobody answered.').waitFor();
    await one.getByRole('button', { name: /^Called back/ }).waitFor();
    await one.keyboard.press('b');
    await made.waitFor();
    await one.keyboard.type('He has typed the new one in.');
    await one.keyboard.press('Control+Enter');
    await said(one, 'He has typed the new one in.').waitFor();
    await one.getByRole('button', { name: /^Promise a call back/ }).waitFor();
    await one.keyboard.press('s');
    await one.getByRole('dialog').waitFor();
    await one.keyboard.press('Control+Enter');
    await one.getByRole('button', { name: 'Open it again' }).waitFor();
  });

  test('two in one case are told of each other; who has not seen the other’s answer does not give another', async () => {
    const [one, two] = [await signedIn('level-one'), await signedIn('level-two')];
    await call(one, 'hale jane', 'Jane Hale');
    const id = await openCase(one);
    await two.goto(`${officeOf().url}${CASES}/${id}`);
    await two.getByText('level-one.person has this case open, too').waitFor();
    const answering = async (page: Page, text: string): Promise<void> => {
      await page.keyboard.press('w');
      await page.keyboard.press('Shift+Tab');
      await page.keyboard.press('ArrowRight');
      await page.getByText('Goes to the customer').waitFor();
      await page.keyboard.press('Tab');
      await page.keyboard.type(text);
    };
    await answering(two, 'Please type the new password into the phone.');
    await one.getByText('level-two.person is writing in this case now').waitFor();
    await shoot(one, 'desk-collision');
    // The one's page hears nothing while the other answers.
    const deaf = `**/api/desk/cases/${id}`;
    await one.route(deaf, (route) => route.abort());
    await answering(one, 'Please start the phone again.');
    await two.keyboard.press('Control+Enter');
    await said(two, 'Please type the new password into the phone.').waitFor();
    await Promise.all([one.waitForResponse((answer) => answer.url().endsWith(`/cases/${id}/entries`) && answer.status() === 409), one.keyboard.press('Control+Enter')]);
    await one.unroute(deaf);
    await one.getByText('Somebody has answered meanwhile.').waitFor();
    await said(one, 'Please type the new password into the phone.').waitFor();
    expect(await said(one, 'Please start the phone again.').count()).toBe(0);
    // What was written is still there, and can be sent by who has read the other's.
    await one.keyboard.press('Control+Enter');
    await said(one, 'Please start the phone again.').waitFor();
  });

  test('two cases of one account become one, and what was frozen at the hand-over is still there', async () => {
    const two = await signedIn('level-two');
    await call(two, 'john hale', 'John Hale');
    const into = await openCase(two);
    await call(two, 'john hale', 'John Hale');
    const from = await openCase(two);
    expect(from).not.toBe(into);
    await two.keyboard.press('m');
    const dialog = two.getByRole('dialog', { name: 'Merge into another' });
    await dialog.getByRole('button', { name: new RegExp(`^${into}: `) }).waitFor();
    await two.keyboard.type(String(into));
    await two.keyboard.press('Enter');
    const way = two.getByRole('link', { name: `This goes on in case ${into}` });
    await way.waitFor();
    await expect.poll(() => two.getByRole('dialog').count()).toBe(0);
    await tabTo(two, () => isFocused(way));
    await two.keyboard.press('Enter');
    await two.waitForURL(`**${CASES}/${into}`);
    await two.getByRole('link', { name: `Case ${from}` }).waitFor();
    await two.keyboard.press('e');
    await two.getByRole('dialog').waitFor();
    await two.keyboard.type('He calls for the second time.');
    await two.keyboard.press('Control+Enter');
    await said(two, 'He calls for the second time.').waitFor();
    const kept = two.getByRole('button', { name: /^When it was handed over/ });
    await kept.waitFor();
    await tabTo(two, () => isFocused(kept));
    await two.keyboard.press('Enter');
    const frozen = two.getByRole('dialog', { name: /^When it was handed over/ });
    await frozen.getByRole('heading', { name: 'Last sign-ins' }).waitFor();
    await frozen.locator('[data-rule]').waitFor();
    await shoot(two, 'desk-frozen');
    await two.keyboard.press('Escape');
    await expect.poll(() => frozen.count()).toBe(0);
  });
}
