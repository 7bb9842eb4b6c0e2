/** The crowd and the shift, by keys alone: who is affected, as a picture and as CSV; the load; a week's plan. Runs in an office that is open (desk.browser.ts). */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { focusedText, go, isFocused, tabTo } from './desk-keys.ts';
import type { Office } from './office.ts';
import { shoot } from './portal.ts';

export function testCrowd(officeOf: () => Office): void {
  test('who is affected: a picture in which a press narrows, and the same accounts as CSV', async () => {
    const page = await officeOf().signedIn('lead', '/desk/');
    await page.getByRole('combobox').waitFor();
    await page.keyboard.press('Escape');
    await go(page, 'a');
    await page.getByRole('heading', { level: 1, name: 'Who is affected' }).waitFor();
    const bar = page.getByRole('button', { name: /^Only How it ended:\s*rejected/ });
    await bar.waitFor();
    expect(Number(await bar.locator('[data-part]').getAttribute('width'))).toBeGreaterThan(0);
    await tabTo(page, () => isFocused(bar));
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Without How it ended: rejected' }).waitFor();
    await page.waitForURL(/verdict=rejected/);
    // He was never refused.
    await page.getByRole('link', { name: 'john@isp.example' }).waitFor({ state: 'detached' });
    const shown = await page.getByRole('link', { name: /@isp\.example$/ }).allTextContents();
    expect(shown).toContain('jane@isp.example');
    await page.getByRole('status').filter({ hasText: new RegExp(`^${shown.length} accounts? `) }).waitFor();
    await shoot(page, 'desk-affected-narrowed');
    const csv = page.getByRole('link', { name: 'As CSV' });
    await csv.focus();
    const [download] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('Enter')]);
    expect(download.suggestedFilename()).toBe('affected.csv');
    const [head, ...lines] = readFileSync((await download.path())!, 'utf8').trimEnd().split('\r\n');
    expect(head).toBe('"account","address","platform","wave","in an incident","protocols","programs","verdicts","reasons","last"');
    expect(lines.map((line) => line.split(',')[1]!.slice(1, -1)).toSorted()).toEqual(shown.toSorted());
    expect(lines.find((line) => line.includes('jane@'))).toMatch(/^\d+,"jane@isp\.example","old",,"no","imap","[^"]*Thunderbird[^"]*","[^"]*rejected[^"]*"/);
    await page.keyboard.press('j');
    await expect.poll(() => focusedText(page)).toBe(shown[0]);
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/account\/\d+$/);
  });

  test('the load: who says that they are there counts, and what they can carry is told beside what comes in', async () => {
    const page = await officeOf().signedIn('level-one', '/desk/');
    await page.getByRole('combobox').waitFor();
    await page.keyboard.press('Escape');
    await go(page, 'l');
    await page.getByRole('heading', { level: 1, name: 'Load' }).waitFor();
    const there = page.getByRole('radio', { name: 'off shift' });
    await there.waitFor();
    await tabTo(page, () => isFocused(there));
    for (const _ of ['break', 'busy', 'available']) await page.keyboard.press('ArrowLeft');
    const people = page.getByRole('listitem').filter({ hasText: 'level-one.person' });
    await people.getByText('taking calls').waitFor();
    await expect.poll(() => page.locator('dd').filter({ hasText: 'needed' }).textContent()).toMatch(/^1 \(\d+ needed\)$/);
    // The callers' screens that were opened before were calls.
    await expect.poll(() => page.getByRole('img', { name: /calls an hour of [1-9]\d* that can be carried/ }).getAttribute('aria-label')).toMatch(/^[1-9]\d* calls an hour/);
    await shoot(page, 'desk-load');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    await people.getByText('on a break').waitFor();
    await page.keyboard.press('ArrowRight');
    await people.waitFor({ state: 'detached' });
  });

  test('a week is planned: gaps are seen, shifts are changed and taken out, and the next shift is left a note', async () => {
    const page = await officeOf().signedIn('lead', '/desk/');
    await page.getByRole('combobox').waitFor();
    await page.keyboard.press('Escape');
    await go(page, 's');
    await page.getByRole('heading', { level: 1, name: 'Shifts' }).waitFor();
    await page.keyboard.press('l');
    await page.waitForURL(/week=1/);
    await page.getByText('14 gaps in this week.').waitFor();
    await page.keyboard.press('+');
    const dialog = page.getByRole('dialog', { name: 'Plan a shift' });
    await dialog.getByRole('option', { name: 'level-one.person' }).waitFor({ state: 'attached' });
    await page.keyboard.type('level-o');
    await dialog.getByRole('radio', { name: 'Level one', checked: true }).waitFor();
    await tabTo(page, async () => (await page.evaluate('document.activeElement.tagName + document.activeElement.value')) === 'SELECT1');
    await page.keyboard.type('7');
    await dialog.getByText('7 shifts of 8 h').waitFor();
    await page.keyboard.press('Control+Enter');
    await page.getByText('7 shifts are planned.').waitFor();
    const shifts = page.getByRole('button', { name: /^level-one\.person, Level one, / });
    await expect.poll(() => shifts.count()).toBe(7);
    // Of level one before and after each, and level two all day long.
    await page.getByText('21 gaps in this week.').waitFor();
    await page.keyboard.press('j');
    await page.keyboard.press('x');
    await page.getByText('level-one.person is not planned 06:00 to 14:00.').waitFor();
    await expect.poll(() => shifts.count()).toBe(6);
    await page.getByRole('button', { name: 'Undo' }).press('Enter');
    await expect.poll(() => shifts.count()).toBe(7);
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    const change = page.getByRole('dialog', { name: 'Change the shift' });
    await change.waitFor();
    await tabTo(page, () => isFocused(change.getByRole('radio', { name: 'Level one' })));
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Control+Enter');
    await page.getByRole('button', { name: /^level-one\.person, Level two, / }).waitFor();
    // Nobody is in two places.
    await page.keyboard.press('+');
    await dialog.getByRole('option', { name: 'level-one.person' }).waitFor({ state: 'attached' });
    await page.keyboard.type('level-o');
    await dialog.getByRole('radio', { name: 'Level one', checked: true }).waitFor();
    await page.keyboard.press('Control+Enter');
    await dialog.getByText('Somebody would be there twice').waitFor();
    await page.keyboard.press('Escape');
    await expect.poll(() => dialog.count()).toBe(0);
    await page.keyboard.press('w');
    await page.getByRole('dialog', { name: 'For the next shift' }).waitFor();
    await page.keyboard.type('The line to the north was down from three to four.');
    await page.keyboard.press('Control+Enter');
    await page.getByRole('listitem').getByText('The line to the north was down from three to four.').waitFor();

    // Who does not plan reads all of it, and is offered nothing to press.
    const one = await officeOf().signedIn('level-one', '/desk/shifts?week=1');
    await one.getByText('level-one.person, Level two, 06:00 to 14:00').waitFor({ state: 'attached' });
    expect(await one.locator('[data-shift]').count()).toBe(0);
  });
}
