/**
 * Reading: HTML and plain text, light and dark, on a phone and at a desk; conversations; pictures from elsewhere on demand;
 * what came with a mail; its source, on paper, as a file; by keyboard.
 */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { INBOX, JANE, type Letter, PICTURE, SENT } from './letters.ts';
import { faultsOf, openPortal, type Portal, shoot } from './portal.ts';

const NEWSLETTER = `<html><head><style>body{margin:0;background:#eef2f3} .card{background:#ffffff;border-radius:8px;padding:24px} h1{color:#0b5563;font-family:Georgia,serif} .b{background-color:#0b5563;color:#ffffff;padding:10px 18px;text-decoration:none;border-radius:6px;display:inline-block} @media (max-width:480px){.card{padding:12px}}</style></head>
<body bgcolor="#eef2f3"><table width="640" align="center" cellpadding="0" cellspacing="0"><tr><td class="card"><h1>Autumn at the harbour</h1><p style="color:#333333;font-size:15px">The last boats are in, the first fires are lit. Here is what happens until the new year.</p><img src="https://img.harbour.example/boats.jpg" width="592" height="200" alt="Boats in the harbour"><p style="color:#767676">Saturday is market day, from nine to one, under the arcades.</p><p><a class="b" href="https://harbour.example/programme">See the programme</a></p><p>Or sign in at <a href="https://evil.example/login">www.bank.example</a>, write to <a href="mailto:office@harbour.example?subject=Autumn">the office</a>.</p><p style="font-size:12px;color:#999999">You get this since you asked for it.</p><img src="https://t.harbour.example/o.gif" width="1" height="1"></td></tr></table></body></html>`;

const MAIL: readonly Letter[] = [
  { from: '"Harbour News" <news@harbour.example>', subject: 'Autumn at the harbour', minutesAgo: 3, html: NEWSLETTER, head: ['List-Id: Harbour News <news.harbour.example>', 'List-Unsubscribe: <https://harbour.example/off>', 'List-Unsubscribe-Post: List-Unsubscribe=One-Click'] },
  { from: '"Ines Calder" <ines@calder.example>', subject: 'A drawing, within the text', minutesAgo: 5, html: '<p>Look what she drew:</p><p><img src="cid:drawing@calder" alt="A drawing" width="64" height="64"></p><p>Ines</p>', attachments: [{ name: 'drawing.png', type: 'image/png', bytes: PICTURE, cid: 'drawing@calder' }, { name: 'notes.txt', type: 'text/plain', bytes: Buffer.from('Some notes.') }] },
  { from: '"service@bank.example" <x@evil.example>', subject: 'Your account is closed', minutesAgo: 7, html: '<p>Act now.</p><img src="https://evil.example/logo.png" width="100" height="40">', head: ['Authentication-Results: mx.isp.example; dmarc=fail header.from=evil.example'] },
  { from: '"Otto Brandt" <otto@brandt.example>', subject: 'Re: The boiler', minutesAgo: 9, html: '<div>Thursday is fine.</div><div class="gmail_quote"><div>On Monday Jane wrote:</div><blockquote>Would Thursday suit you?</blockquote></div>' },
  { from: '"Marta Okafor" <marta@riverside-choir.example>', subject: 'Re: The choir’s tour', minutesAgo: 10, id: 'tour-3@choir.example', text: 'Both! I ask the chapel.\n\n> The chapel, or the market hall.\n', head: ['In-Reply-To: <tour-2@choir.example>', 'References: <tour-1@choir.example> <tour-2@choir.example>'] },
  { from: '"Tom Calder" <tom@calder.example>', subject: 'Re: The choir’s tour', minutesAgo: 100, id: 'tour-2@choir.example', text: 'The chapel, or the market hall.', head: ['In-Reply-To: <tour-1@choir.example>', 'References: <tour-1@choir.example>'], flags: ['\\Seen'] },
  { from: '"Marta Okafor" <marta@riverside-choir.example>', cc: '"Tom Calder" <tom@calder.example>', subject: 'The choir’s tour', minutesAgo: 200, id: 'tour-1@choir.example', text: 'Where shall we sing?', flags: ['\\Seen'] },
  { from: '"Ben Walker" <ben@walkers.example>', subject: 'The long walk', minutesAgo: 12, html: `<h2>Day by day</h2>${Array.from({ length: 120 }, (_, n) => `<p>Mile ${n + 1}: rain, a gate, and sheep.</p>`).join('')}<img src="https://img.walkers.example/a.jpg" width="90" height="90">`, attachments: [{ name: 'map.txt', type: 'text/plain', bytes: Buffer.from('here') }] },
  { from: '"مريم حداد" <maryam@haddad.example>', subject: 'صور من الرحلة', minutesAgo: 11, html: '<p>مرحبا جين،</p><p>هذه هي الصور التي وعدتك بها.</p>' },
];

let portal: Portal;
beforeAll(async () => {
  portal = await openPortal({ mail: { INBOX: [...MAIL, ...INBOX], Sent: SENT, Drafts: [], Archive: [], Junk: [], Trash: [] } });
});
afterAll(() => portal?.close());

async function open(page: Page, subject: string): Promise<void> {
  await page.locator('#messages').getByText(subject).first().click();
  await page.getByRole('heading', { level: 1, name: subject }).waitFor();
}

const inFrame = (page: Page) => page.frameLocator('iframe');
// Not by waitForFunction, which needs eval and so another policy.
const until = async (page: Page, what: string): Promise<void> => expect.poll(() => page.evaluate(what)).toBe(true);
const settled = (page: Page): Promise<void> => until(page, '[...document.querySelectorAll("iframe")].every((each) => each.contentDocument?.head.querySelectorAll("style").length === 3 && each.getBoundingClientRect().height > 20)');

test('a newsletter: pictures from elsewhere only when they are asked for, by our server, and for this sender from then on', async () => {
  const page = await portal.signedIn(JANE);
  const asked: string[] = [];
  page.on('request', (request) => !request.url().startsWith(`${portal.url}/`) && !/^(?:data|blob):/.test(request.url()) && asked.push(request.url()));
  const fetched: string[] = [];
  await page.route('**/api/remote?*', (route) => {
    fetched.push(new URL(route.request().url()).searchParams.get('u') ?? '');
    return route.fulfill({ status: 200, contentType: 'image/png', body: PICTURE });
  });
  await open(page, 'Autumn at the harbour');
  await settled(page);
  await inFrame(page).getByRole('heading', { name: 'Autumn at the harbour' }).waitFor();
  expect(fetched).toEqual([]);
  // Our server does fetch it for who asks with a signature, and for nobody else.
  expect(await page.evaluate('fetch("/api/remote?u=https%3A%2F%2Fimg.harbour.example%2Fboats.jpg&s=x").then((response) => response.status)')).toBe(200);
  fetched.splice(0);
  expect(await faultsOf(page)).toEqual([]);
  await shoot(page, 'reader-newsletter-desktop-light');
  await page.getByRole('button', { name: 'Show pictures' }).click();
  await until(page, 'document.querySelector("iframe")?.contentDocument?.querySelector("img[src]") !== null');
  await expect.poll(() => fetched).toEqual(['https://img.harbour.example/boats.jpg']);
  await page.reload();
  await page.getByRole('button', { name: 'Always for news@harbour.example' }).click();
  await expect.poll(() => page.evaluate('fetch("/api/settings").then((response) => response.json()).then((settings) => settings.remoteContentFrom)')).toEqual(['news@harbour.example']);
  await page.reload();
  await until(page, 'document.querySelector("iframe")?.contentDocument?.querySelector("img[src]") !== null');
  expect(await page.getByRole('button', { name: 'Show pictures' }).count()).toBe(0);
  expect(asked).toEqual([]);
});

test('the proxy is none for an unsigned address, and leads nowhere inside', async () => {
  const page = await portal.signedIn(JANE);
  expect(await page.evaluate('fetch("/api/remote?u=https%3A%2F%2Fimg.harbour.example%2Fboats.jpg&s=x").then((response) => response.status)')).toBe(403);
  const status = await page.evaluate(`(async () => {
    const { key } = await (await fetch('/api/remote/key')).json();
    const bytes = Uint8Array.from(atob(key.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0));
    const hmac = await crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
    const statuses = [];
    for (const url of [location.origin + '/', 'http://127.0.0.1/', 'http://localhost/', 'http://[::1]/', 'http://169.254.169.254/']) {
      const signature = btoa(String.fromCharCode(...new Uint8Array(await crypto.subtle.sign('HMAC', hmac, new TextEncoder().encode(url))))).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
      statuses.push((await fetch('/api/remote?' + new URLSearchParams({ u: url, s: signature }))).status);
    }
    return statuses;
  })()`);
  expect(status).toEqual([404, 404, 404, 404, 404]);
});

test('a link whose words promise another place asks first; a mail’s own mailto: opens a message; keys work from within the frame', async () => {
  const page = await portal.signedIn(JANE);
  await open(page, 'Autumn at the harbour');
  await settled(page);
  await inFrame(page).getByRole('link', { name: 'www.bank.example' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('leads to evil.example').waitFor();
  expect(page.context().pages()).toHaveLength(1);
  await dialog.getByRole('button', { name: 'Stay here' }).click();
  const link = inFrame(page).getByRole('link', { name: 'See the programme' });
  expect(await link.getAttribute('rel')).toBe('noopener noreferrer nofollow');
  expect(await link.getAttribute('target')).toBe('_blank');
  await page.evaluate('addEventListener("keydown", (event) => { globalThis.lastKey = event.key; })');
  await link.focus();
  await page.keyboard.press('?');
  expect(await page.evaluate('globalThis.lastKey')).toBe('?');
});

test('pictures within the text, what came with it, and its source', async () => {
  const page = await portal.signedIn(JANE);
  await open(page, 'A drawing, within the text');
  await settled(page);
  await until(page, 'document.querySelector("iframe")?.contentDocument?.querySelector("img")?.naturalWidth === 8');
  const attached = page.getByRole('region', { name: '1 attachment' });
  expect(await faultsOf(page)).toEqual([]);
  const [file] = await Promise.all([page.waitForEvent('download'), attached.getByRole('link', { name: 'Download notes.txt' }).click()]);
  expect([file.suggestedFilename(), readFileSync(await file.path(), 'utf8')]).toEqual(['notes.txt', 'Some notes.']);
  await page.getByRole('article').getByRole('button', { name: 'More actions' }).click();
  await page.getByRole('menu').waitFor();
  expect(await faultsOf(page)).toEqual([]);
  await shoot(page, 'message-menu-desktop-light');
  await page.getByRole('menuitem', { name: 'Show source' }).click();
  await page.getByText('Subject: A drawing, within the text').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('article').getByRole('button', { name: 'More actions' }).click();
  const [eml] = await Promise.all([page.waitForEvent('download'), page.getByRole('menuitem', { name: 'Download message (.eml)' }).click()]);
  expect(eml.suggestedFilename()).toBe('A drawing, within the text.eml');
  expect(readFileSync(await eml.path(), 'utf8')).toContain('Content-ID: <drawing@calder>');
  await open(page, 'Photos of the little one');
  const photos = page.getByRole('region', { name: '2 attachments' });
  const [zip] = await Promise.all([page.waitForEvent('download'), photos.getByRole('button', { name: 'Download all' }).click()]);
  expect(zip.suggestedFilename()).toBe('Photos of the little one.zip');
  expect(readFileSync(await zip.path()).includes(PICTURE)).toBe(true);
  await photos.getByRole('button', { name: 'Look at first-steps.png' }).click();
  await page.getByRole('dialog').getByRole('img', { name: 'first-steps.png' }).waitFor();
  await shoot(page, 'reader-picture-desktop-light');
});

test('a mail that is not from whom it says: told, and its pictures are not to be had for ever', async () => {
  const page = await portal.signedIn(JANE, { scheme: 'dark' });
  await open(page, 'Your account is closed');
  await page.getByText('The name says service@bank.example, but the message comes from x@evil.example.').waitFor();
  await page.getByText('evil.example does not confirm').waitFor();
  await page.getByText('since the sender could not be confirmed').waitFor();
  expect(await page.getByRole('button', { name: /Always for/ }).count()).toBe(0);
  expect(await faultsOf(page)).toEqual([]);
  await shoot(page, 'reader-doubt-desktop-dark');
});

test('in the dark a mail is dark and legible; its own colours are a choice; on paper they are its own', async () => {
  const page = await portal.signedIn(JANE, { scheme: 'dark' });
  await open(page, 'Autumn at the harbour');
  await settled(page);
  const look = () => page.evaluate(`(() => {
    const frame = document.querySelector('iframe');
    const light = (colour) => { const [r, g, b] = colour.match(/[\\d.]+/g).map((n) => { const c = n / 255; return c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; }); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
    const card = light(frame.contentWindow.getComputedStyle(frame.contentDocument.querySelector('.card')).backgroundColor);
    return [...frame.contentDocument.querySelectorAll('.card > h1, .card > p')].map((each) => { const text = light(frame.contentWindow.getComputedStyle(each).color); return { card, ratio: (Math.max(card, text) + 0.05) / (Math.min(card, text) + 0.05), words: each.textContent.slice(0, 20) }; });
  })()`) as Promise<{ card: number; ratio: number; words: string }[]>;
  const dark = await look();
  expect(dark.length).toBeGreaterThan(4);
  for (const { card, ratio, words } of dark) {
    expect(card).toBeLessThan(0.05);
    // The last line was 2.8:1 in the light.
    expect(ratio, words).toBeGreaterThan(words.startsWith('You get this') ? 2.5 : 4.4);
  }
  await shoot(page, 'reader-newsletter-desktop-dark');
  await page.emulateMedia({ media: 'print' });
  await page.evaluate('dispatchEvent(new Event("beforeprint"))');
  await settled(page);
  expect((await look())[0]!.card).toBeGreaterThan(0.9);
  await page.evaluate('dispatchEvent(new Event("afterprint"))');
  await page.emulateMedia({ media: 'screen' });
  await page.getByRole('article').getByRole('button', { name: 'More actions' }).click();
  await page.getByRole('menuitem', { name: 'Show in original colours' }).click();
  await expect.poll(async () => (await look())[0]?.card).toBeGreaterThan(0.9);
  await shoot(page, 'reader-original-desktop-dark');
});

test.each([['desktop', 'light'], ['phone', 'dark']] as const)('on paper, from a %s in the %s: the mail alone, black on white, with who, whom and when, and all of it', async (size, scheme) => {
  const page = await portal.signedIn(JANE, { size, scheme });
  await page.evaluate('window.print = () => { window.printed = (window.printed ?? 0) + 1; }');
  await open(page, 'The long walk');
  await settled(page);
  await page.getByRole('article').getByRole('button', { name: 'More actions' }).click();
  await page.getByRole('menuitem', { name: 'Print' }).click();
  await until(page, 'window.printed === 1');
  await page.emulateMedia({ media: 'print' });
  await page.evaluate('dispatchEvent(new Event("beforeprint"))');
  await settled(page);
  const article = page.getByRole('article');
  await article.getByText('jane@isp.example').waitFor();
  await article.getByText('ben@walkers.example').filter({ visible: true }).first().waitFor();
  await article.getByText(/\d{4}/).first().waitFor();
  await article.getByText('map.txt').waitFor();
  for (const gone of ['Write', 'Reply', 'More actions', 'Show pictures', 'Details']) expect(await page.getByRole('button', { name: gone }).filter({ visible: true }).count(), gone).toBe(0);
  expect(await page.locator('#messages, nav, header[role=banner], [role=search]').filter({ visible: true }).count()).toBe(0);
  const ink = (await page.evaluate('getComputedStyle(document.querySelector("h1:not([hidden])")).color')) as string;
  expect(ink.match(/\d+/g)!.map(Number).every((each) => each < 80), ink).toBe(true);
  expect(await page.evaluate('getComputedStyle(document.body).backgroundColor')).toBe('rgba(0, 0, 0, 0)');
  // Pages cut off what does not flow: nothing around the mail scrolls or has a height of its own.
  expect(await page.evaluate('(() => { const frame = document.querySelector("iframe"); return frame.contentDocument.documentElement.scrollHeight <= frame.clientHeight + 1 && document.documentElement.scrollHeight >= frame.clientHeight; })()')).toBe(true);
  expect(Number(await page.evaluate('document.querySelector("iframe").clientHeight'))).toBeGreaterThan(2_000);
  await shoot(page, `reader-paper-${size}-${scheme}`);
  const pdf = (await page.pdf({ format: 'A4' })).toString('latin1');
  expect(pdf.match(/\/Type\s*\/Page\b/g)!.length).toBeGreaterThan(2);
  await page.context().close();
});

test('a conversation: what was read is folded, what is quoted too', async () => {
  const page = await portal.signedIn(JANE);
  await open(page, 'Re: The choir’s tour');
  await page.getByText('3 messages').waitFor();
  const folded = page.getByRole('list', { name: 'Conversation' }).getByRole('button', { name: /Show the message from/ });
  expect(await folded.count()).toBe(2);
  await shoot(page, 'reader-conversation-desktop-light');
  await folded.first().click();
  await page.getByText('Where shall we sing?').last().waitFor();
  await open(page, 'Re: The boiler');
  await settled(page);
  const quoted = inFrame(page).locator('details');
  expect(await quoted.getAttribute('open')).toBeNull();
  await inFrame(page).locator('summary').click();
  await inFrame(page).getByText('Would Thursday suit you?').waitFor();
  expect(await faultsOf(page)).toEqual([]);
});

test.each([['desktop', 'light'], ['phone', 'dark']] as const)('one message of a conversation on paper, from a %s in the %s; and all of them from the bar', async (size, scheme) => {
  const page = await portal.signedIn(JANE, { size, scheme });
  await page.evaluate('window.print = () => { dispatchEvent(new Event("beforeprint")); window.printed = (window.printed ?? 0) + 1; }');
  await open(page, 'Re: The choir’s tour');
  await page.getByRole('button', { name: 'Show all messages' }).click();
  const articles = page.getByRole('article');
  await expect.poll(() => articles.count()).toBe(3);
  const onPaper = (): Promise<string[]> => articles.filter({ visible: true }).evaluateAll((all) => all.map((each) => /Where shall we sing|The chapel, or|I ask the chapel/.exec(each.textContent)?.[0] ?? ''));
  await articles.filter({ hasText: 'Tom Calder' }).filter({ hasNotText: 'Where shall' }).filter({ hasNotText: 'I ask' }).getByRole('button', { name: 'More actions' }).click();
  await page.getByRole('menuitem', { name: 'Print' }).click();
  await until(page, 'window.printed === 1');
  await page.emulateMedia({ media: 'print' });
  expect(await onPaper()).toEqual(['The chapel, or']);
  await page.getByRole('heading', { level: 1, name: 'Re: The choir’s tour' }).waitFor();
  await shoot(page, `reader-paper-one-${size}-${scheme}`);
  await page.emulateMedia({ media: 'screen' });
  expect(await onPaper()).toHaveLength(3);
  await page.evaluate('dispatchEvent(new Event("afterprint"))');
  await page.evaluate('window.print()');
  await page.emulateMedia({ media: 'print' });
  await expect.poll(onPaper).toEqual(['Where shall we sing', 'The chapel, or', 'I ask the chapel']);
  await page.context().close();
});

test('from right to left', async () => {
  const page = await portal.signedIn(JANE);
  await open(page, 'صور من الرحلة');
  await settled(page);
  expect(await page.evaluate('getComputedStyle(document.querySelector("iframe").contentDocument.body).direction')).toBe('rtl');
  await shoot(page, 'reader-rtl-desktop-light');
});

test.each(['light', 'dark'] as const)('on a phone, %s: a wide mail is made to fit, and the way back is at hand', async (scheme) => {
  const page = await portal.signedIn(JANE, { size: 'phone', scheme });
  await open(page, 'Autumn at the harbour');
  await settled(page);
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390);
  expect(await page.evaluate('(() => { const { documentElement } = document.querySelector("iframe").contentDocument; return documentElement.scrollWidth - documentElement.clientWidth; })()')).toBeLessThanOrEqual(1);
  // Not by making the letters small.
  expect(await page.evaluate('(() => { const { body } = document.querySelector("iframe").contentDocument; return body.style.getPropertyValue("zoom"); })()')).toBe('');
  expect(await faultsOf(page)).toEqual([]);
  await shoot(page, `reader-newsletter-phone-${scheme}`);
  await page.getByRole('button', { name: 'Back to the list' }).click();
  await page.locator('#messages').getByText('Autumn at the harbour').first().waitFor();
  await open(page, 'Photos of the little one');
  await shoot(page, `reader-attachments-phone-${scheme}`);
});

test('reading marks as read; a conversation is archived, flagged and marked from the bar, and by keys', async () => {
  const page = await portal.signedIn(JANE);
  await open(page, 'Re: The boiler');
  const keywords = (subject: string): Promise<unknown> => page.evaluate(`(async () => {
    const { accounts, apiUrl } = await (await fetch('/jmap/session')).json();
    const accountId = Object.keys(accounts)[0];
    const methodCalls = [['Email/query', { accountId, filter: { subject: ${JSON.stringify(subject)} } }, 'q'], ['Email/get', { accountId, '#ids': { resultOf: 'q', name: 'Email/query', path: '/ids' }, properties: ['keywords'] }, 'g']];
    const answer = await fetch(apiUrl, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ using: ['urn:ietf:params:jmap:core', 'urn:ietf:params:jmap:mail'], methodCalls }) });
    return Object.keys((await answer.json()).methodResponses[1][1].list[0].keywords).toSorted().join(' ');
  })()`);
  await expect.poll(() => keywords('The boiler')).toBe('$seen');
  const bar = page.getByRole('toolbar', { name: 'More actions' }).last();
  await bar.getByRole('button', { name: 'Flag', exact: true }).click();
  await expect.poll(() => keywords('The boiler')).toBe('$flagged $seen');
  await bar.getByRole('button', { name: 'Mark as unread' }).click();
  await expect.poll(() => keywords('The boiler')).toBe('$flagged');
  await open(page, 'Two books are due on Friday');
  await shoot(page, 'reader-plain-desktop-light');
  await bar.getByRole('button', { name: 'Archive' }).click();
  await expect.poll(() => page.locator('#messages').getByText('Two books are due on Friday').count()).toBe(0);
  await open(page, 'Re: The boiler');
  await page.keyboard.press('e');
  await expect.poll(() => page.locator('#messages').getByText('Re: The boiler').count()).toBe(0);
});
