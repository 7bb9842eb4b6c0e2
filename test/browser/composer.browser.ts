/**
 * Writing: to another customer, answers to one and to all, forwarding, files, pictures in the text, drafts that outlive
 * the tab, taking back; on a desk and on a phone, with the keyboard alone.
 */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { JANE, JOHN, PICTURE } from './letters.ts';
import { faultsOf, openPortal, type Portal, shoot } from './portal.ts';

let portal: Portal;
beforeAll(async () => {
  portal = await openPortal();
});
afterAll(() => portal?.close());

const composer = (page: Page) => page.locator('section[role=dialog]').last();
const text = (page: Page) => composer(page).getByRole('textbox', { name: 'Message text' });

type Part = { readonly partId: string | null; readonly name: string | null; readonly type: string; readonly disposition: string | null; readonly cid: string | null };
type Sent = {
  readonly id: string;
  readonly subject: string;
  readonly keywords: Readonly<Record<string, boolean>>;
  readonly to: readonly { readonly email: string }[] | null;
  readonly cc: readonly { readonly email: string }[] | null;
  readonly messageId: readonly string[];
  readonly inReplyTo: readonly string[] | null;
  readonly references: readonly string[] | null;
  readonly textBody: readonly Part[];
  readonly htmlBody: readonly Part[];
  readonly attachments: readonly Part[];
  readonly bodyValues: Readonly<Record<string, { readonly value: string }>>;
  readonly 'header:X-Causeway-Draft:asText': string | null;
};

/** By JMAP, as whoever is signed in in the page. */
async function jmap<T>(page: Page, method: string, args: object): Promise<T> {
  const ask = (path: string, data?: object) => page.evaluate(`fetch(${JSON.stringify(path)}, ${data === undefined ? '{}' : JSON.stringify({ method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(data) })}).then((answer) => answer.json())`);
  const session = (await ask('/jmap/session')) as { readonly accounts: object; readonly capabilities: object };
  const [accountId] = Object.keys(session.accounts);
  const { methodResponses } = (await ask('/jmap', { using: Object.keys(session.capabilities), methodCalls: [[method, { accountId, ...args }, '0']] })) as { readonly methodResponses: readonly (readonly [string, T])[] };
  return methodResponses[0]![1];
}

async function write(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Write', exact: true }).click();
  await composer(page).getByRole('combobox', { name: 'To' }).waitFor();
}

/** What the page's policy refused, and faults that nobody caught. */
function troubles(page: Page): string[] {
  const found: string[] = [];
  // A parser is told that a handler may not run, which is then taken out; a picture's `cid:` has no server that could be asked.
  page.on('console', (message) => message.text().includes('Content Security Policy') && !/^(?:Executing inline event handler|Loading the image 'cid:)/.test(message.text()) && found.push(message.text()));
  page.on('pageerror', (error) => found.push(String(error)));
  return found;
}

const saved = (page: Page) => composer(page).locator('[data-save=saved]').waitFor();

/** Emails of a mailbox by its role, the newest first. */
async function inRole(page: Page, role: string): Promise<readonly Sent[]> {
  const { list: mailboxes } = await jmap<{ list: { id: string; role: string | null }[] }>(page, 'Mailbox/get', { ids: null, properties: ['role'] });
  const { ids } = await jmap<{ ids: string[] }>(page, 'Email/query', { filter: { inMailbox: mailboxes.find((each) => each.role === role)?.id }, sort: [{ property: 'receivedAt', isAscending: false }], limit: 30 });
  const properties = ['subject', 'to', 'cc', 'bcc', 'from', 'keywords', 'messageId', 'inReplyTo', 'references', 'textBody', 'htmlBody', 'attachments', 'bodyValues', 'header:X-Causeway-Draft:asText'];
  const { list } = await jmap<{ list: Sent[] }>(page, 'Email/get', { ids, properties, fetchAllBodyValues: true });
  return ids.flatMap((each) => list.find(({ id }) => id === each) ?? []);
}

const textIn = (email: Sent | undefined, parts: readonly Part[] | undefined): string => (parts ?? []).map(({ partId }) => email?.bodyValues[partId ?? '']?.value ?? '').join('');
const words = (email: Sent | undefined): string => textIn(email, email?.textBody);
const html = (email: Sent | undefined): string => textIn(email, email?.htmlBody);

test('a letter to another customer: written with the keyboard alone, taken back, sent, and there without a refresh', async () => {
  const jane = await portal.signedIn(JANE);
  const john = await portal.signedIn(JOHN);
  const wrong = troubles(jane);
  await write(jane);
  await jane.keyboard.type('john@isp.example, nobody');
  await jane.keyboard.press('Enter');
  expect(await faultsOf(jane)).toEqual([]);
  await composer(jane).getByRole('button', { name: 'Remove nobody' }).click();
  await composer(jane).getByRole('textbox', { name: 'Subject' }).fill('Lunch on the pier');
  await jane.keyboard.press('Tab');
  await jane.keyboard.type('Dear John,');
  await jane.keyboard.press('Enter');
  await jane.keyboard.press('Control+b');
  await jane.keyboard.type('today');
  await jane.keyboard.press('Control+b');
  await jane.keyboard.type(' at one?');
  await saved(jane);
  await shoot(jane, 'composer-desktop-light');
  expect((await inRole(jane, 'drafts')).map(({ subject, keywords }) => [subject, keywords['$draft']])).toEqual([['Lunch on the pier', true]]);

  await jane.keyboard.press('Control+Enter');
  await jane.getByRole('button', { name: 'Undo' }).waitFor();
  await shoot(jane, 'composer-undo-desktop-light');
  await jane.getByRole('button', { name: 'Undo' }).click();
  await text(jane).getByText('at one?').waitFor();
  expect(await text(jane).locator('strong').textContent()).toBe('today');
  await composer(jane).getByRole('button', { name: 'Send' }).click();
  await jane.getByText('Message sent.').waitFor();
  await john.getByText('Lunch on the pier').first().waitFor();

  const [sent] = await inRole(jane, 'sent');
  expect(sent).toMatchObject({ subject: 'Lunch on the pier', to: [{ email: 'john@isp.example' }], from: [{ email: JANE.user }] });
  expect(sent?.keywords['$draft']).toBeUndefined();
  expect(sent?.['header:X-Causeway-Draft:asText']).toBeNull();
  expect(words(sent)).toBe('Dear John,\ntoday at one?\n');
  expect(html(sent)).toContain('<strong>today</strong>');
  expect(await inRole(jane, 'drafts')).toEqual([]);
  expect((await inRole(john, 'inbox')).filter(({ subject }) => subject === 'Lunch on the pier')).toHaveLength(1);
  // Whom one wrote to is completed.
  await write(jane);
  await jane.keyboard.type('joh');
  await jane.getByRole('option', { name: /john@isp\.example/ }).first().waitFor();
  await jane.keyboard.press('Enter');
  await composer(jane).getByRole('button', { name: /^Change .*john@isp\.example/ }).waitFor();
  await jane.keyboard.press('Escape');
  expect(wrong).toEqual([]);
});

test('a draft outlives a tab that is killed, and is gone on with in another', async () => {
  const page = await portal.signedIn(JANE);
  const tab = await portal.tab(page);
  await write(tab);
  await tab.keyboard.type('john@isp.example');
  await tab.keyboard.press('Tab');
  await composer(tab).getByRole('textbox', { name: 'Subject' }).fill('The lighthouse');
  await text(tab).click();
  await tab.keyboard.type('It was dark');
  await saved(tab);
  await tab.keyboard.type(', and then it was not.');
  // The browser has its copy; the platform would be told seconds later.
  await expect.poll(() => tab.evaluate('Object.keys(localStorage).some((key) => key.startsWith("causeway.writing.") && localStorage[key].includes("and then it was not"))'), { interval: 50 }).toBe(true);
  await tab.close({ runBeforeUnload: false });
  await page.reload();
  await page.getByRole('heading', { name: 'You were writing' }).waitFor();
  await shoot(page, 'composer-restore-desktop-light');
  await page.getByRole('button', { name: 'Go on' }).click();
  await text(page).getByText('It was dark, and then it was not.').waitFor();
  await text(page).click();
  await page.keyboard.press('End');
  await page.keyboard.type(' The end.');
  await saved(page);
  const drafts = (await inRole(page, 'drafts')).filter(({ subject }) => subject === 'The lighthouse');
  expect(drafts.map(words)).toEqual(['It was dark, and then it was not. The end.\n']);
  await page.keyboard.press('Escape');
  await page.getByText('The draft is kept in Drafts.').waitFor();
  await page.reload();
  await page.locator('#messages').waitFor();
  expect(await page.getByRole('heading', { name: 'You were writing' }).count()).toBe(0);
});

test('files by the picker and by dropping, a picture in the text, and a word about the one that was forgotten', async () => {
  const page = await portal.signedIn(JANE);
  const wrong = troubles(page);
  await write(page);
  await page.keyboard.type('john@isp.example');
  await page.keyboard.press('Tab');
  await composer(page).getByRole('textbox', { name: 'Subject' }).fill('Plans and a picture');
  await text(page).click();
  await page.keyboard.type('Please find attached the plan.');
  await page.keyboard.press('Control+Enter');
  await page.getByRole('heading', { name: 'No attachment?' }).waitFor();
  await page.getByRole('button', { name: 'Go on writing' }).click();
  const [picker] = await Promise.all([page.waitForEvent('filechooser'), composer(page).getByRole('button', { name: 'Attach files' }).click()]);
  await picker.setFiles([{ name: 'plan & notes.pdf', mimeType: 'application/pdf', buffer: Buffer.from('%PDF-1.4\n%the plan\n') }]);
  await composer(page).getByText('plan & notes.pdf').waitFor();
  const dropped = await page.evaluateHandle(`(() => { const data = new DataTransfer(); data.items.add(new File(['a,b'], 'numbers.csv', { type: 'text/csv' })); return data; })()`);
  await composer(page).dispatchEvent('drop', { dataTransfer: dropped });
  await composer(page).getByText('numbers.csv').waitFor();
  // Pasted: HTML that would reach out, and then a picture as a file.
  await text(page).click();
  await page.keyboard.press('Control+End');
  const markup = '<p style="position:fixed">pasted <b>words</b><img src="https://pixel.example/a.gif"><script>window.ran = 1</script><a href="javascript:window.ran=2" onclick="window.ran=3">link</a></p>';
  await page.evaluate(`(() => {
    const paste = (data) => document.querySelector('[contenteditable=true]').dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
    const markup = new DataTransfer();
    markup.setData('text/html', ${JSON.stringify(markup)});
    paste(markup);
    const picture = new DataTransfer();
    picture.items.add(new File([Uint8Array.from(atob('${PICTURE.toString('base64')}'), (each) => each.charCodeAt(0))], 'dot.png', { type: 'image/png' }));
    paste(picture);
  })()`);
  await text(page).locator('img[alt="dot.png"]').waitFor();
  await saved(page);
  expect(await page.evaluate('window.ran')).toBeUndefined();
  expect(await page.evaluate(`document.querySelector('img[alt="dot.png"]').naturalWidth`)).toBe(8);
  await shoot(page, 'composer-files-desktop-light');
  await page.keyboard.press('Control+Enter');
  await page.getByText('Message sent.').waitFor();
  const sent = (await inRole(page, 'sent')).find(({ subject }) => subject === 'Plans and a picture');
  expect(sent?.attachments.map(({ name, type, disposition }) => [name, type, disposition])).toEqual([['dot.png', 'image/png', 'inline'], ['plan & notes.pdf', 'application/pdf', 'attachment'], ['numbers.csv', 'text/csv', 'attachment']]);
  expect(html(sent)).toContain(`src="cid:${sent?.attachments[0]?.cid}"`);
  expect(html(sent)).not.toMatch(/pixel|script|onclick|position/);
  expect(wrong).toEqual([]);
});

test('an answer, one to all, and forwarding, each tied to its original and with what belongs to it', async () => {
  const page = await portal.signedIn(JANE);
  const press = (name: string) => page.getByRole('button', { name, exact: true }).first().click();
  await page.getByText('Re: The allotment').first().click();
  await page.getByText('every second Sunday').last().waitFor();
  await press('Reply');
  await text(page).click();
  await page.keyboard.type('So be it.');
  await page.keyboard.press('Control+Enter');
  await page.getByText('Message sent.').waitFor();
  const one = (await inRole(page, 'sent')).find((email) => words(email).startsWith('So be it.'));
  expect([one?.subject, one?.to?.map(({ email }) => email), one?.cc, one?.attachments]).toEqual(['Re: The allotment, and who waters it', ['john@isp.example'], null, []]);
  expect([one?.inReplyTo, one?.references]).toEqual([['plot-3@isp.example'], ['plot-1@isp.example', 'plot-2@isp.example', 'plot-3@isp.example']]);
  expect(words(one)).toMatch(/\nOn .*, John Hale wrote:\n> I can do Tuesdays/);
  expect(html(one)).toMatch(/<blockquote type="cite"[^>]*>.*every second Sunday/s);
  expect((await inRole(page, 'inbox')).find(({ messageId }) => messageId[0] === 'plot-3@isp.example')?.keywords).toMatchObject({ $answered: true });

  await page.getByText('Photos of the little one').first().click();
  await page.getByText('She walks!').last().waitFor();
  await press('Reply to all');
  for (const name of ['Ines Calder', 'Tom Calder']) await composer(page).getByRole('button', { name: `Remove ${name}` }).waitFor();
  await page.keyboard.press('Escape');
  await composer(page).waitFor({ state: 'detached' });
  await press('Forward');
  await composer(page).getByText('and the cat.png').waitFor();
  await composer(page).getByRole('button', { name: 'Show what is quoted' }).click();
  await composer(page).getByRole('region', { name: 'Quoted message' }).getByText('She walks!').waitFor();
  await shoot(page, 'composer-forward-desktop-light');
  await composer(page).getByRole('combobox', { name: 'To' }).fill('john@isp.example');
  await page.keyboard.press('Control+Enter');
  await page.getByText('Message sent.').last().waitFor();
  await expect.poll(async () => (await inRole(page, 'sent')).find(({ subject }) => subject === 'Fwd: Photos of the little one')?.attachments.map(({ name }) => name)).toEqual(['first-steps.png', 'and the cat.png']);
});

test('on a phone, in the dark, in Spanish: the whole page, and nothing beside it', async () => {
  const page = await portal.signedIn(JANE, { size: 'phone', scheme: 'dark', language: 'es' });
  await page.getByRole('button', { name: 'Redactar' }).last().click();
  const sheet = page.getByRole('dialog', { name: 'Mensaje nuevo' });
  await sheet.getByRole('combobox', { name: 'Para' }).fill('john@isp.example');
  await sheet.getByRole('textbox', { name: 'Asunto' }).fill('Desde el tranvía');
  const body = page.getByRole('textbox', { name: 'Texto del mensaje' });
  await body.click();
  await page.keyboard.type('Llego un poco tarde. ¡Guárdame un sitio junto a la ventana!');
  await page.locator('[data-save=saved]').waitFor();
  const box = await page.getByRole('dialog').boundingBox();
  expect([box?.x, box?.y, box?.width, box?.height]).toEqual([0, 0, 390, 844]);
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390);
  expect(await faultsOf(page)).toEqual([]);
  await shoot(page, 'composer-phone-dark');
  await page.getByRole('button', { name: 'Enviar' }).click();
  await page.getByText('Mensaje enviado.').waitFor();
});

test('what cannot go anywhere is said with its name, and nothing is sent', async () => {
  const page = await portal.signedIn(JANE);
  await page.goto(`${portal.url}/write?mailto=${encodeURIComponent('mailto:jürgen@isp.example?subject=Hello&body=two%0Alines')}`);
  await text(page).getByText('lines').waitFor();
  await page.keyboard.press('Control+Enter');
  await composer(page).getByRole('alert').getByText('jürgen@isp.example').waitFor();
  await shoot(page, 'composer-refused-desktop-light');
  await composer(page).getByRole('button', { name: 'More' }).click();
  await page.getByRole('menuitem', { name: 'Discard' }).click();
  await page.getByRole('dialog', { name: 'Discard this message?' }).getByRole('button', { name: 'Discard' }).click();
  await composer(page).waitFor({ state: 'detached' });
  expect((await inRole(page, 'drafts')).filter(({ subject }) => subject === 'Hello')).toEqual([]);
  expect((await inRole(page, 'sent')).filter(({ subject }) => subject === 'Hello')).toEqual([]);
});

/** A draft from the list, in the composer. */
async function openDraft(page: Page, subject: string): Promise<void> {
  await page.getByRole('link', { name: /^Drafts/ }).click();
  await page.getByText(subject).first().click();
  await page.getByRole('button', { name: 'Go on writing' }).click();
  await text(page).waitFor();
}

async function typeAtEnd(page: Page, words_: string): Promise<void> {
  await text(page).click();
  await page.keyboard.press('Control+End');
  await page.keyboard.type(words_);
}

test('a draft that two tabs write on: neither writes over the other, and the writer chooses', async () => {
  const page = await portal.signedIn(JANE);
  const drafts = async (): Promise<string[]> => (await inRole(page, 'drafts')).filter(({ subject }) => subject === 'High tide').map(words).toSorted();
  await write(page);
  await composer(page).getByRole('textbox', { name: 'Subject' }).fill('High tide');
  await typeAtEnd(page, 'At six.');
  await saved(page);
  await page.keyboard.press('Escape');
  await composer(page).waitFor({ state: 'detached' });
  const other = await portal.tab(page);
  for (const each of [page, other]) await openDraft(each, 'High tide');

  await typeAtEnd(page, ' Or seven.');
  await expect.poll(drafts).toEqual(['At six. Or seven.\n']);
  await typeAtEnd(other, ' Or never.');
  const alert = composer(other).getByRole('alert');
  await alert.getByText('changed in another window').waitFor();
  expect(await drafts()).toEqual(['At six. Or never.\n', 'At six. Or seven.\n']);
  expect(await faultsOf(other)).toEqual([]);
  await shoot(other, 'composer-conflict-desktop-light');
  // What is typed before the choice is in what is chosen.
  await typeAtEnd(other, ' Really.');
  await alert.getByRole('button', { name: 'Keep this version' }).click();
  await expect.poll(drafts).toEqual(['At six. Or never. Really.\n']);

  // Now the first tab's version is gone: it hears of it when it writes on, and takes the other's.
  await typeAtEnd(page, ' Or eight.');
  await composer(page).getByRole('button', { name: 'Open the other version' }).click();
  await text(page).getByText('At six. Or never. Really.').waitFor();
  await typeAtEnd(page, ' Good.');
  await expect.poll(drafts).toEqual(['At six. Or never. Really. Good.\n']);
});

test('a file that meets an outage on its way waits, is not sent without, and goes on by itself', async () => {
  const page = await portal.signedIn(JANE);
  let down: 'network' | 'server' | undefined = 'network';
  await page.route('**/jmap/upload/**', (route) => (down === undefined ? route.continue() : down === 'network' ? route.abort('connectionreset') : route.fulfill({ status: 503, json: { code: 'unavailable', sentence: 'Later, please.' } })));
  await write(page);
  await page.keyboard.type('john@isp.example');
  await page.keyboard.press('Tab');
  await composer(page).getByRole('textbox', { name: 'Subject' }).fill('The chart');
  await typeAtEnd(page, 'With soundings.');
  const [picker] = await Promise.all([page.waitForEvent('filechooser'), composer(page).getByRole('button', { name: 'Attach files' }).click()]);
  await picker.setFiles([{ name: 'chart.pdf', mimeType: 'application/pdf', buffer: Buffer.from('%PDF-1.4\n%soundings\n') }]);
  const file = composer(page).getByRole('listitem').filter({ hasText: 'chart.pdf' });
  await file.getByText('Waiting, goes on by itself').waitFor();
  expect(await faultsOf(page)).toEqual([]);
  await shoot(page, 'composer-upload-outage-desktop-light');
  // The text is saved meanwhile; nothing is sent without the file, and closing does not lose it.
  await saved(page);
  await page.keyboard.press('Control+Enter');
  await composer(page).getByRole('alert').getByText('Attachments are still on their way.').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('status').getByText('Attachments are still on their way.').first().waitFor();
  down = 'server';
  await page.waitForResponse((answer) => answer.url().includes('/jmap/upload/') && answer.status() === 503);
  down = undefined;
  await file.getByText('Waiting').waitFor({ state: 'detached' });
  await page.keyboard.press('Control+Enter');
  await page.getByText('Message sent.').waitFor();
  const sent = (await inRole(page, 'sent')).find(({ subject }) => subject === 'The chart');
  expect([words(sent), sent?.attachments.map(({ name }) => name)]).toEqual(['With soundings.\n', ['chart.pdf']]);
});

/** From now on what the page asks for at such addresses waits. @returns what lets it go on */
async function hold(page: Page, addresses: string): Promise<() => void> {
  let go = (): void => {};
  const gone = new Promise<void>((resolve) => (go = resolve));
  await page.route(addresses, async (route) => {
    await gone;
    await route.continue();
  });
  return go;
}

test.each(['rich', 'plain'] as const)('what is typed before the composer is there acts on nothing and stands in it: %s', async (mode) => {
  const page = await portal.signedIn(JANE);
  await page.evaluate(`localStorage.setItem('composer.mode', '${mode}')`);
  const first = page.getByRole('row', { name: /Two books are due on Friday/ }).first();
  await first.waitFor();
  const [rows, at] = [await page.getByRole('row').count(), page.url()];
  let release = await hold(page, '**/assets/Composer-*');
  await first.focus();
  await page.keyboard.press('c');
  // Read as shortcuts this goes down the list, selects, archives, deletes.
  await page.keyboard.type('jx.e#s@isp.example');
  await page.keyboard.press('Tab');
  await page.keyboard.type('!');
  await page.keyboard.press('Backspace');
  release();
  const to = composer(page).getByRole('combobox', { name: 'To' });
  await expect.poll(() => to.inputValue()).toBe('jx.e#s@isp.example');
  expect(await to.evaluate((field) => field === field.ownerDocument.activeElement)).toBe(true);
  await page.keyboard.type(',');
  await composer(page).getByRole('button', { name: 'Remove jx.e#s@isp.example' }).waitFor();
  expect([await page.getByRole('row').count(), page.url(), await page.getByRole('row', { selected: true }).count()]).toEqual([rows, at, 0]);
  await page.keyboard.press('Escape');
  await composer(page).waitFor({ state: 'detached' });

  // What is answered has to be read first.
  await first.click();
  await page.getByRole('article').getByRole('button', { name: 'Reply' }).waitFor();
  release = await hold(page, '**/jmap');
  await page.keyboard.press('r');
  await page.keyboard.type('Yes & <b>thanks');
  release();
  await text(page).waitFor();
  await page.keyboard.type(', Jane');
  await expect.poll(() => (mode === 'rich' ? text(page).innerText() : text(page).inputValue())).toMatch(/^Yes & <b>thanks, Jane/);
  await page.getByRole('heading', { level: 1, name: 'Two books are due on Friday' }).waitFor();

  // Escape gives up what is not there yet; from then on keys are keys.
  await page.keyboard.press('Escape');
  await composer(page).waitFor({ state: 'detached' });
  release = await hold(page, '**/jmap');
  await page.keyboard.press('f');
  await page.keyboard.type('uuu');
  await page.keyboard.press('Escape');
  await composer(page).waitFor({ state: 'detached' });
  release();
  await page.keyboard.press('u');
  await page.waitForURL(at);
  await page.context().close();
});
