/** What the desk's scenarios do with the keyboard, as technicians do. */
import type { Locator, Page } from 'playwright-core';

/** By the keyboard alone: `/`, letters, Enter. */
export async function call(page: Page, letters: string, name: string): Promise<void> {
  await page.keyboard.press('/');
  await page.keyboard.type(letters);
  await page.getByRole('option').first().waitFor();
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name }).waitFor();
}

/** From a caller's screen. @returns the case's number */
export async function openCase(page: Page): Promise<number> {
  await page.keyboard.press('c');
  await page.waitForURL(/\/desk\/cases\/\d+/);
  // Keys act on what is there.
  await page.getByLabel('Text').waitFor();
  return Number(/\d+$/.exec(new URL(page.url()).pathname)![0]);
}

/** In a menu letters choose, a moment later. */
export const chosen = (page: Page, item: string): Promise<void> => page.locator('[role=menuitem][data-highlighted]').filter({ hasText: item }).waitFor();

/** A sequence of two keys. */
export async function go(page: Page, to: string): Promise<void> {
  await page.keyboard.press('g');
  await page.keyboard.press(to);
}

/** Until the cursor is there, by Tab. @throws when it never comes there */
export async function tabTo(page: Page, isThere: (page: Page) => Promise<boolean>): Promise<void> {
  for (let n = 0; n < 40; n += 1) {
    if (await isThere(page)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error('Tab does not lead there');
}

export const isFocused = (locator: Locator): Promise<boolean> => locator.evaluate((element: unknown) => element === (globalThis as unknown as { document: { activeElement: unknown } }).document.activeElement);

/** The text of what has the focus. */
export const focusedText = (page: Page): Promise<string> => page.evaluate('document.activeElement.textContent');
