/** Incidents where no public status site is configured: said plainly, with what makes one, and cases are answered as ever. Runs in an office that is open (desk.browser.ts). */
import { expect, test } from 'vitest';
import { call, openCase } from './desk-keys.ts';
import type { Office } from './office.ts';
import { faultsOf, shoot } from './portal.ts';

const TITLE = 'Mail from elsewhere comes late';
const OVER = 'All that waited has come.';

export function testSiteless(officeOf: () => Office): void {
  test('without a status site incidents say so, with the remedy, and their updates answer cases all the same', async () => {
    const lead = await officeOf().signedIn('lead', '/desk/incidents');
    const note = lead.getByText('There is no public status site').and(lead.getByText('adds “status” to its configuration'));
    await note.waitFor();
    await lead.getByRole('button', { name: 'Declare an incident' }).click();
    const declare = lead.getByRole('dialog', { name: 'Declare an incident' });
    await declare.getByLabel('In one line, as customers read it').fill(TITLE);
    await declare.getByLabel('Receiving', { exact: true }).check();
    await declare.getByLabel('First update').fill('We look into it.');
    // Nothing is offered that there is not.
    expect(await declare.getByText('On the public status page').count()).toBe(0);
    await declare.getByRole('button', { name: 'Declare an incident' }).click();
    await lead.getByRole('heading', { level: 1, name: TITLE }).waitFor();

    const one = await officeOf().signedIn('level-one', '/desk/');
    await one.getByRole('combobox', { name: 'Find a caller' }).waitFor();
    await call(one, 'john hale', 'John Hale');
    await openCase(one);
    await one.getByLabel('Incident', { exact: true }).selectOption({ label: TITLE });

    const answer = lead.getByRole('button', { name: 'Answer 1 case', exact: true });
    await answer.waitFor();
    await lead.getByLabel('Update', { exact: true }).fill(OVER);
    await lead.getByRole('radio', { name: 'over: the cases are closed' }).check({ force: true });
    await answer.click();
    await lead.getByText('Written. The cases are being answered.').waitFor();
    await one.getByRole('button', { name: 'Open it again' }).waitFor();
    expect(await one.locator('li[data-kind=update], li[data-kind=answer]').filter({ hasText: OVER }).count()).toBe(1);
  });

  test.each(['desktop', 'phone'] as const)('and that it says so is readable by everybody (%s)', async (size) => {
    const page = await officeOf().signedIn('level-one', '/desk/incidents', { size });
    await page.getByText('There is no public status site').waitFor();
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      await shoot(page, `siteless-${size}-${colorScheme}`);
      expect(await faultsOf(page)).toEqual([]);
    }
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
  });
}
