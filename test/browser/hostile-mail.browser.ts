/**
 * Every hostile mail of test/hostile-mail, opened in the real page: nothing runs, nothing is fetched, nothing leaves its
 * place. The corpus has each of Roundcube's security fixes of 2025 and 2026 that is about showing a mail, by version and
 * number, collections of mutation XSS, and what else fetches or covers.
 *
 * Each wall is tried by itself, since one that stands would hide that another fell: what the sanitiser leaves is looked at
 * as it is; the frame's policy and sandbox get the mails as they came; and without any wall the same mails do run and
 * fetch, so the test can fail.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { JANE, type Letter } from './letters.ts';
import { openPortal, type Portal } from './portal.ts';

const FOLDER = join(import.meta.dirname, '../hostile-mail');
const MARK = '<img src=x onerror=top.ran=1>';

type Case = { readonly name: string; readonly why: string; readonly html: string };

const CASES: readonly Case[] = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.html'))
  .map((name) => {
    const [, why = '', html = ''] = /^<!-- (.*) -->\n([\s\S]*)$/.exec(readFileSync(join(FOLDER, name), 'utf8')) ?? [];
    return { name: name.replace(/\.html$/, ''), why, html };
  });

/** Roundcube 1.7.1 (CVE-2026-48849), 1.7.2 (CVE-2026-54432), 1.7.3: mark-up in what is around a text: subject, names, names and types of files. */
const AROUND: readonly Letter[] = [
  { from: `"${MARK}" <x@evil.example>`, cc: `"${MARK}" <y@evil.example>`, subject: `around ${MARK}`, minutesAgo: 1, text: `words ${MARK} <script>top.ran=1</script>`, head: [`List-Id: ${MARK} <l.evil.example>`, `List-Unsubscribe: <javascript:top.ran=1>, <https://evil.example/"onmouseover="top.ran=1>`, `Authentication-Results: mx; dmarc=fail ${MARK}`], attachments: [{ name: `${MARK}.png`, type: 'image/png', bytes: Buffer.from(MARK) }, { name: 'page.html', type: 'text/html', bytes: Buffer.from('<script>top.ran=1</script>') }, { name: 'picture.svg', type: 'image/svg+xml', bytes: Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" onload="top.ran=1"/>') }, { name: 'x', type: 'text/x<script>top.ran=1</script>', bytes: Buffer.from('x') }] },
  // Roundcube 1.7.2, CVE-2026-54433: a plain text that is made into links.
  { from: '"X" <x@evil.example>', subject: 'plain text', minutesAgo: 1, text: 'a@a.co?]<img/src="x"/onerror=top.ran=1>\nhttps://evil.example/"onmouseover="top.ran=1\nhttp://evil.example/<script>top.ran=1</script>\n> <img src=x onerror=top.ran=1>\n[1] javascript:top.ran=1\n' },
];

let portal: Portal;
beforeAll(async () => {
  const letters = CASES.map(({ name, html }, n): Letter => ({ from: `"Mallory" <m${n}@evil.example>`, subject: `${name} ${MARK}`, minutesAgo: 10 + n, html }));
  portal = await openPortal({ mail: { INBOX: [...letters, ...AROUND], Trash: [] } });
});
afterAll(() => portal?.close());

/** What is seen of a page from outside: whatever leaves it, or tries and is refused by its policy. */
function watch(page: Page): { readonly left: string[]; readonly dialogs: string[] } {
  const seen = { left: [] as string[], dialogs: [] as string[] };
  page.on('request', (request) => {
    const url = request.url();
    if (!url.startsWith(`${portal.url}/`) && !/^(?:data|blob):/.test(url)) seen.left.push(url);
    // From within the frame only pictures that came with the mail.
    else if (request.frame() !== page.mainFrame() && !/\/(?:mail-frame$|jmap\/download\/)/.test(url) && !url.startsWith('data:')) seen.left.push(url);
    else if (/\/api\/remote\?/.test(url)) seen.left.push(url);
  });
  page.on('dialog', (dialog) => {
    seen.dialogs.push(dialog.message());
    void dialog.dismiss();
  });
  page.on('popup', (popup) => seen.left.push(`popup ${popup.url()}`));
  return seen;
}

type Row = { readonly id: string; readonly subject: string };

async function rowsOf(page: Page): Promise<readonly Row[]> {
  const list = await page.evaluate(`(async () => {
    const { accounts, apiUrl } = await (await fetch('/jmap/session')).json();
    const accountId = Object.keys(accounts)[0];
    const methodCalls = [['Email/query', { accountId, limit: 500 }, 'q'], ['Email/get', { accountId, '#ids': { resultOf: 'q', name: 'Email/query', path: '/ids' }, properties: ['subject'] }, 'g']];
    const answer = await fetch(apiUrl, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ using: ['urn:ietf:params:jmap:core', 'urn:ietf:params:jmap:mail'], methodCalls }) });
    return (await answer.json()).methodResponses[1][1].list;
  })()`);
  return list as readonly Row[];
}

/** What of a shown mail should not be there, one line each. Runs in the page. */
const FAULTS = String.raw`(() => {
  const faults = [];
  for (const frame of document.querySelectorAll('iframe')) {
    const inside = frame.contentDocument;
    if (inside === null) return ['the frame is of another origin'];
    for (const element of inside.body.querySelectorAll('*')) {
      const name = element.localName;
      if (element.namespaceURI !== 'http://www.w3.org/1999/xhtml' || /^(?:script|style|link|meta|base|iframe|frame|frameset|object|embed|applet|form|input|button|select|textarea|video|audio|source|svg|math|template|noscript|portal|dialog|map|area|marquee|title)$/.test(name) || name.includes('-')) faults.push('<' + name + '>');
      for (const { name: attribute, value } of element.attributes) {
        if (/^on|^(?:srcdoc|srcset|action|formaction|background|ping|xlink:href|poster|data|is|name|usemap|popover|autofocus|contenteditable)$/i.test(attribute)) faults.push(name + '[' + attribute + ']');
        if (/^(?:href|src)$/.test(attribute) && !/^(?:https?:|mailto:|tel:|#|\/jmap\/download\/|data:image\/(?:png|jpe?g|gif|webp|avif|bmp);)/.test(value)) faults.push(name + '[' + attribute + '=' + value.slice(0, 60) + ']');
        if (attribute === 'src' && /^https?:/.test(value)) faults.push(name + ' is fetched from ' + value);
        if (attribute === 'style' && /url\(|image-set|var\(|expression|--|@import|(?:^|[;\s])(?:position|transform)\s*:/i.test(value)) faults.push('style ' + value.slice(0, 80));
      }
      const style = frame.contentWindow.getComputedStyle(element);
      if (!['static', 'relative'].includes(style.position)) faults.push('<' + name + '> is ' + style.position);
      if (['backgroundImage', 'listStyleImage', 'borderImageSource', 'cursor', 'content', 'filter', 'maskImage'].some((each) => (style[each] ?? '').includes('url('))) faults.push('<' + name + '> has a picture');
    }
    const sheets = [...inside.querySelectorAll('style')];
    for (const { textContent } of sheets) if (/url\(|image-set|@import|@font-face|@keyframes|var\(|expression|[{;\s]position:|transform:/i.test(textContent)) faults.push('a style sheet: ' + textContent.slice(0, 200));
    if (sheets.length !== 3) faults.push('other style sheets');
    if (!(inside.documentElement instanceof frame.contentWindow.HTMLElement) || inside.body.localName !== 'body') faults.push('the document’s own properties are hidden');
    if (frame.getBoundingClientRect().height > 20_000) faults.push('the frame grows for ever');
  }
  const bar = document.querySelector('[role=toolbar]').getBoundingClientRect();
  for (const [x, y] of [[bar.left + 10, bar.top + 5], [10, 10], [20, 300]]) if (document.elementFromPoint(x, y)?.localName === 'iframe') faults.push('the page is covered');
  if (globalThis.ran !== undefined) faults.push('a script ran');
  delete globalThis.ran;
  return faults;
})()`;

test('no hostile mail runs, fetches, or leaves its place: in the page', async () => {
  const page = await portal.signedIn(JANE);
  await page.getByText('Mallory').first().waitFor();
  const rows = await rowsOf(page);
  expect(rows).toHaveLength(CASES.length + AROUND.length);
  const seen = watch(page);
  const failures: string[] = [];
  const mailbox = new URL(page.url()).pathname;
  for (const { id, subject } of rows) {
    await page.evaluate(`history.pushState(null, '', ${JSON.stringify(`${mailbox}/${encodeURIComponent(id)}`)})`);
    await page.getByRole('heading', { level: 1 }).filter({ hasText: subject }).waitFor();
    if (CASES.some(({ name }) => subject.startsWith(`${name} `))) await expect.poll(() => page.evaluate('document.querySelector("iframe")?.contentDocument?.head.querySelectorAll("style").length')).toBe(3);
    // For animations' first steps, handlers of what is missing, and pictures that are not fetched at once.
    await page.waitForTimeout(100);
    const faults = (await page.evaluate(FAULTS)) as string[];
    if (new URL(page.url()).origin !== portal.url) faults.push(`the page went to ${page.url()}`);
    for (const each of [seen.left, seen.dialogs]) faults.push(...each.splice(0));
    if (faults.length > 0) failures.push(`${subject}: ${faults.slice(0, 5).join('; ')}`);
  }
  expect(failures).toEqual([]);
});

test('the second wall by itself: mails as they came, put into the frame, run nothing and fetch nothing', async () => {
  const page = await portal.signedIn(JANE);
  const failures: string[] = [];
  const left: string[] = [];
  page.on('requestfinished', (request) => request.url().includes('evil.example') && left.push(request.url()));
  await page.route(/evil\.example/, (route) => route.fulfill({ status: 200, body: '' }));
  await page.evaluate(`(async () => {
    const frame = document.createElement('iframe');
    frame.id = 'bare';
    frame.src = '/mail-frame';
    frame.sandbox.add('allow-same-origin', 'allow-popups', 'allow-popups-to-escape-sandbox');
    document.body.append(frame);
    await new Promise((resolve) => frame.addEventListener('load', resolve));
  })()`);
  for (const { name, html } of CASES) {
    await page.evaluate(`((text) => {
      const { contentDocument } = document.querySelector('#bare');
      const parsed = new DOMParser().parseFromString(text, 'text/html');
      contentDocument.body.innerHTML = parsed.head.innerHTML + parsed.body.innerHTML;
      for (const script of contentDocument.querySelectorAll('script')) {
        const copy = contentDocument.createElement('script');
        copy.textContent = script.textContent;
        script.replaceWith(copy);
      }
    })(${JSON.stringify(html)})`);
    await page.waitForTimeout(60);
    if (await page.evaluate('globalThis.ran !== undefined')) failures.push(`${name}: a script ran`);
    if (left.length > 0) failures.push(`${name}: ${left.splice(0).join(' ')}`);
    await page.evaluate('delete globalThis.ran');
  }
  expect(failures).toEqual([]);
});

test('without the walls the same mails run and fetch, so the tests above can fail', async () => {
  const context = await portal.browser.newContext();
  const page = await context.newPage();
  await page.route(/./, (route) => route.fulfill(route.request().isNavigationRequest() && route.request().frame() === page.mainFrame() ? { status: 200, contentType: 'text/html', body: bare } : { status: 404, body: '' }));
  let bare = '';
  let fetched = 0;
  page.on('request', (request) => {
    if (request.url().includes('evil.example') && !request.isNavigationRequest()) fetched += 1;
  });
  page.on('dialog', (dialog) => void dialog.dismiss());
  let ran = 0;
  let fetching = 0;
  for (const { html } of CASES) {
    if (html.includes('http-equiv="refresh"')) continue;
    fetched = 0;
    bare = html;
    await page.goto('http://bare.example/', { waitUntil: 'load', timeout: 10_000 }).catch(() => {});
    await page.waitForTimeout(60);
    if (await page.evaluate('globalThis.ran !== undefined').catch(() => true)) ran += 1;
    if (fetched > 0) fetching += 1;
  }
  await context.close();
  expect(ran).toBeGreaterThan(20);
  expect(fetching).toBeGreaterThan(20);
});
