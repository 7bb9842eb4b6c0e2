/**
 * What a person does in each webmail, and when he has what he wanted: text that can be read, not an event of the network.
 *
 * Invariants: each begins with the click or key of the person, and ends when the words are on the screen. The letter is
 * another one in each round: nobody opens one for the first time twice. A browser context is new for each round, so nothing
 * is cached but what the server itself keeps; but who types a password has the page of sign-in, whole, before that.
 */
import type { Page } from 'playwright-core';
import { PASSWORD } from '../mover/dovecot.ts';
import { BEGINNING, RARE_WORDS, subjectOf } from './corpus.ts';

export const WHATS = ['sign-in to list', 'open a message', 'scroll to the middle', 'search'] as const;
export type What = (typeof WHATS)[number];
export type Times = Record<What, number>;

export const CUSTOMER = 'customer@isp.example';
const PATIENCE_MS = 60_000;

async function timed(act: () => Promise<void>): Promise<number> {
  const began = performance.now();
  await act();
  return performance.now() - began;
}

/** As much of a browser as is asked for here, where the compiler knows none. */
type Element = { getBoundingClientRect(): { top: number; bottom: number; height: number }; readonly textContent: string | null; getAttribute(name: string): string | null };
type Window = { readonly document: { querySelectorAll(selector: string): Iterable<Element> }; readonly innerHeight: number };

/** When something whose text holds this is in what one sees. @param least of a list: the row's place in it, at least */
async function seen(page: Page, selector: string, text: string, least = 0): Promise<void> {
  await page.waitForFunction(
    ([where, words, from]) => {
      const { document, innerHeight } = globalThis as unknown as Window;
      const visible = [...document.querySelectorAll(where)].filter((each) => {
        const { top, bottom, height } = each.getBoundingClientRect();
        return height > 0 && bottom > 0 && top < innerHeight;
      });
      return visible.some((each) => each.getAttribute('aria-busy') !== 'true' && Number(each.getAttribute('aria-rowindex') ?? from) >= from && (each.textContent ?? '').includes(words));
    },
    [selector, text, least] as const,
    { polling: 'raf', timeout: PATIENCE_MS },
  );
}

/** The newest letter with the round's rare word. */
const foundSubject = (messages: number, round: number): string => subjectOf(messages - 500 + round).replace(/^(?:Re: )*/, '');

/** @param listed called when the list can be read */
export async function usesCauseway(page: Page, url: string, messages: number, round: number, listed: () => void): Promise<Times> {
  const newest = subjectOf(messages - 1).replace(/^(?:Re: )*/, '');
  await page.goto(url, { waitUntil: 'networkidle' });
  await page.locator('input[name=username]').fill(CUSTOMER);
  await page.locator('input[name=password]').fill(PASSWORD);
  const list = await timed(async () => {
    await page.locator('button[type=submit]').click();
    await seen(page, '[role=row]', newest);
  });
  listed();
  const opened = await timed(async () => {
    await page.locator('[role=row] a').nth(1 + round).click();
    await seen(page, 'article', BEGINNING);
  });
  const scrolled = await timed(async () => {
    await page.locator('[data-scroll]').evaluate((box) => box.scrollTo({ top: box.scrollHeight / 2 }));
    // Conversations are one row, so the half of the list is not the half of the letters.
    await seen(page, '[role=row]', 'number ', Math.floor(messages / 4));
  });
  await page.getByRole('combobox').first().fill(RARE_WORDS[round]!);
  const searched = await timed(async () => {
    await page.keyboard.press('Enter');
    await seen(page, '[role=row]', foundSubject(messages, round));
  });
  return { 'sign-in to list': list, 'open a message': opened, 'scroll to the middle': scrolled, search: searched };
}

export async function usesRoundcube(page: Page, url: string, messages: number, round: number): Promise<Times> {
  const newest = subjectOf(messages - 1).replace(/^(?:Re: )*/, '');
  await page.goto(url, { waitUntil: 'networkidle' });
  await page.locator('#rcmloginuser').fill(CUSTOMER);
  await page.locator('#rcmloginpwd').fill(PASSWORD);
  const list = await timed(async () => {
    await page.locator('#rcmloginsubmit').click();
    await seen(page, '#messagelist tr.message', newest);
  });
  const opened = await timed(async () => {
    await page.locator('#messagelist tr.message td.subject a').nth(1 + round).click();
    await page.frameLocator('#messagecontframe').locator('#messagebody').getByText(BEGINNING).first().waitFor({ timeout: PATIENCE_MS });
  });
  // It shows pages; the one in the middle has no button, but a command.
  const scrolled = await timed(async () => {
    await page.evaluate(() => (globalThis as unknown as { rcmail: { list_page(page: number): void; env: { pagecount: number } } }).rcmail.list_page(Math.floor((globalThis as unknown as { rcmail: { env: { pagecount: number } } }).rcmail.env.pagecount / 2)));
    await seen(page, '#messagelist tr.message', `number ${messages / 2 + 49}`);
  });
  await page.evaluate(() => {
    const { rcmail } = globalThis as unknown as { rcmail: { env: { search_mods: object; search_scope: string } } };
    rcmail.env.search_mods = { '*': { text: 1 }, INBOX: { text: 1 } };
    rcmail.env.search_scope = 'all';
  });
  const field = page.locator('#mailsearchform, #searchform, input[name="_q"]').first();
  await field.fill(RARE_WORDS[round]!);
  const searched = await timed(async () => {
    await field.press('Enter');
    await seen(page, '#messagelist tr.message', foundSubject(messages, round));
  });
  return { 'sign-in to list': list, 'open a message': opened, 'scroll to the middle': scrolled, search: searched };
}
