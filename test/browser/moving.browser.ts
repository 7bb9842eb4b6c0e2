/** Pages that stay open through a whole move: mail arrives, a message is written, ids stay, and the move is told once. */
import axe from 'axe-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { sleep } from '../installation.ts';
import { INBOX, JANE, SENT } from './letters.ts';
import { openPortal, type Portal, shoot } from './portal.ts';

let portal: Portal;
beforeAll(async () => {
  portal = await openPortal({ platforms: ['old', 'new'], mail: { INBOX, Sent: SENT, Drafts: [], Archive: [], Trash: [] } });
});
afterAll(() => portal?.close());

/** JMAP as the page speaks it, with its cookie. */
async function jmap(page: Page, methodCalls: readonly unknown[]): Promise<[string, Record<string, unknown>][]> {
  return page.evaluate(async (calls) => {
    const session = (await (await fetch('/jmap/session')).json()) as { primaryAccounts: Record<string, string> };
    const accountId = session.primaryAccounts['urn:ietf:params:jmap:mail'];
    const own = (calls as [string, object, string][]).map(([name, args, id]) => [name, { accountId, ...args }, id]);
    const answer = await fetch('/jmap', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ using: ['urn:ietf:params:jmap:core', 'urn:ietf:params:jmap:mail'], methodCalls: own }) });
    return ((await answer.json()) as { methodResponses: [string, Record<string, unknown>][] }).methodResponses;
  }, methodCalls);
}

/** What axe finds wrong in the panel; the areas around it look after themselves. */
async function faultsInPanel(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  return page.evaluate(async () => {
    const { violations } = await (globalThis as unknown as { axe: { run(where: string, options: object): Promise<{ violations: { id: string; help: string }[] }> } }).axe.run('section[aria-labelledby]', { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] });
    return violations.map(({ id, help }) => `${id}: ${help}`);
  });
}

const idsOf = async (page: Page): Promise<unknown> => (await jmap(page, [['Email/query', { sort: [{ property: 'receivedAt' }] }, 'q']]))[0]![1]['ids'];

test('a page goes on through a move: the same ids, the open mail and a draft intact, news at the new home, no error; told once', async () => {
  const page = await portal.signedIn(JANE);
  const failed: string[] = [];
  page.on('response', (response) => response.status() >= 400 && failed.push(`${response.status()} ${response.url()}`));
  page.on('pageerror', (error) => failed.push(String(error)));
  const subject = 'Saturday’s rehearsal moves to the library';
  await page.getByText(subject).first().click();
  await page.waitForURL(/\/mail\/[^/]+\/E/);
  const opened = page.url();
  const [[, boxes]] = (await jmap(page, [['Mailbox/get', { ids: null, properties: ['id', 'role'] }, 'm']])) as [[string, { list: { id: string; role: string }[] }]];
  const drafts = boxes.list.find(({ role }) => role === 'drafts')!.id;
  const draft = (text: string): object => ({ mailboxIds: { [drafts]: true }, keywords: { $draft: true }, subject: 'half-written', bodyValues: { t: { value: text } }, textBody: [{ partId: 't', type: 'text/plain' }] });
  const [[, made]] = (await jmap(page, [['Email/set', { create: { d: draft('Dear') } }, 'e']])) as [[string, { created: { d: { id: string } } }]];
  const before = (await idsOf(page)) as string[];

  // A second tab writes all the while.
  const writer = await portal.tab(page);
  await writer.locator('#messages').waitFor();
  writer.on('response', (response) => response.status() >= 400 && failed.push(`${response.status()} ${response.url()}`));
  const composer = writer.locator('section[role=dialog]').last();
  const text = composer.getByRole('textbox', { name: 'Message text' });
  await writer.getByRole('button', { name: 'Write', exact: true }).click();
  await composer.getByRole('textbox', { name: 'Subject' }).fill('Written through a move');
  await text.click();
  const written: string[] = [];
  const type = async (): Promise<void> => {
    written.push(`word${written.length + 1}`);
    await writer.keyboard.type(`${written.at(-1)} `);
  };
  await type();
  await composer.locator('[data-save=saved]').waitFor();

  // Files go up all the while, so that some are on their way when the account is held.
  const attached: { name: string; size: number }[] = [];
  const attach = async (): Promise<void> => {
    const name = `file-${attached.length + 1}.bin`;
    const size = 300_000 + attached.length;
    await composer.locator('input[type=file]').first().setInputFiles({ name, mimeType: 'application/octet-stream', buffer: Buffer.alloc(size, attached.length + 1) });
    attached.push({ name, size });
  };

  let isOver = false;
  const moving = portal.causeway('move', JANE.user, '--to', 'new').finally(() => (isOver = true));
  const came: string[] = [];
  while (!isOver) {
    const news = `News number ${came.length + 1}`;
    await portal.deliver(JANE.user, { from: 'press@town.example', subject: news, minutesAgo: 0, text: 'Nothing happened.' });
    came.push(news);
    await page.getByText(news).first().waitFor();
    if (attached.length < 20) await attach();
    expect(page.url()).toBe(opened);
    expect(await page.getByRole('status').filter({ hasText: 'cannot be reached' }).count()).toBe(0);
    await type();
    await sleep(300);
  }
  const ended = await moving;
  expect(ended.status, ended.stderr).toBe(0);
  // The open draft is intact, and saved at the new home, once.
  await type();
  await composer.locator('[data-save=saved]').waitFor();
  expect((await text.innerText()).trim()).toBe(written.join(' '));
  expect(await composer.getByRole('alert').innerText()).toBe('');
  const [, [, { list: found }]] = (await jmap(writer, [
    ['Email/query', { filter: { inMailbox: drafts, subject: 'Written through a move' } }, 'q'],
    ['Email/get', { '#ids': { resultOf: 'q', name: 'Email/query', path: '/ids' }, properties: ['textBody', 'bodyValues', 'attachments'], fetchTextBodyValues: true }, 'g'],
  ])) as unknown as [unknown, [string, { list: { attachments: { name: string; blobId: string }[]; textBody: { partId: string }[]; bodyValues: Record<string, { value: string }> }[] }]];
  expect(found.map(({ textBody, bodyValues }) => textBody.map(({ partId }) => bodyValues[partId]?.value).join('').trim())).toEqual([written.join(' ')]);
  // Each file is there, byte for byte.
  const arrived = await writer.evaluate(async (files) => {
    const { primaryAccounts } = (await (await fetch('/jmap/session')).json()) as { primaryAccounts: Record<string, string> };
    return Promise.all(
      files.map(async ({ name, blobId }) => {
        const bytes = new Uint8Array(await (await fetch(`/jmap/download/${primaryAccounts['urn:ietf:params:jmap:mail']}/${blobId}/file`)).arrayBuffer());
        return { name, size: bytes.length, fill: bytes.every((byte) => byte === bytes[0]) ? bytes[0] : undefined };
      }),
    );
  }, found[0]!.attachments);
  expect(arrived.toSorted((a, b) => a.size - b.size)).toEqual(attached.map((file, index) => ({ ...file, fill: index + 1 })));
  await writer.close();

  // Without a refresh it says so, and what was verified.
  const panel = page.getByRole('region', { name: 'Your mailbox has moved' });
  await panel.waitFor();
  await panel.getByText(/messages in \d+ folders are there\. Each was read again/).waitFor();
  await page.mouse.move(0, 0);
  expect(await faultsInPanel(page)).toEqual([]);
  await shoot(page, 'moved-desktop-light');
  expect(page.url()).toBe(opened);
  await portal.deliver(JANE.user, { from: 'press@town.example', subject: 'From the new home', minutesAgo: 0, text: 'It arrived.' });
  await page.getByText('From the new home').first().waitFor();

  const after = (await idsOf(page)) as string[];
  // What came in the same second may stand before what was there.
  expect(after.filter((id) => before.includes(id)).toSorted()).toEqual(before.toSorted());
  // With the draft of the second tab.
  expect(after).toHaveLength(before.length + came.length + 2);
  const saved = await jmap(page, [['Email/set', { create: { d: draft('Dear all') }, destroy: [made.created.d.id] }, 'e']]);
  expect(saved[0]![1]).toMatchObject({ created: { d: { id: expect.any(String) } }, destroyed: [made.created.d.id] });
  expect(failed).toEqual([]);

  // On a phone it is told as long as nobody has read it; then nowhere.
  const phone = await portal.signedIn(JANE, { size: 'phone', scheme: 'dark', language: 'es' });
  await phone.getByRole('region', { name: 'Su buzón se ha mudado' }).waitFor();
  expect(await faultsInPanel(phone)).toEqual([]);
  await shoot(phone, 'moved-phone-dark');
  await panel.getByRole('button', { name: 'Good to know' }).click();
  await panel.waitFor({ state: 'detached' });
  for (const each of [page, phone]) {
    await each.reload();
    await each.locator('#messages').waitFor();
    await sleep(1_000);
    expect(await each.getByRole('region', { name: /moved|mudado/ }).count()).toBe(0);
  }
});
