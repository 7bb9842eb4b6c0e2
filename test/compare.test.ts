/**
 * `causeway compare` as an operator runs it: two accounts on two servers of which it knows nothing but URLs.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { addUser, createPlatform, type Platform, seedMailbox, type SeedMessage } from '../src/practice/index.ts';
import { causeway } from './installation.ts';

const SECRET = 'swordfish 7';
const folder = mkdtempSync(join(tmpdir(), 'causeway-compare-'));
const password = join(folder, 'password');
const platforms: Platform[] = [];

beforeAll(() => writeFileSync(password, `${SECRET}\n`, { mode: 0o600 }));
afterAll(async () => {
  await Promise.all(platforms.map((platform) => platform.close()));
  rmSync(folder, { recursive: true, force: true });
});

const message = (text: string, n: number, flags: string[] = []): SeedMessage => ({
  bytes: Buffer.from(`Subject: ${text}\r\nMessage-ID: <${n}@isp.example>\r\n\r\n${text}\r\n`),
  flags,
  internalDateMs: 1e12 + n * 1_000,
});

async function account(name: string, mailboxes: Readonly<Record<string, readonly SeedMessage[]>>): Promise<string> {
  const home = join(folder, name);
  addUser(home, 'ada@isp.example', SECRET);
  for (const [mailbox, messages] of Object.entries(mailboxes)) seedMailbox(home, 'ada@isp.example', mailbox, messages);
  const platform = await createPlatform({ name, folder: home });
  platforms.push(platform);
  return `imap+plain://ada@isp.example@127.0.0.1:${platform.imapPort}`;
}

const run = (...args: string[]) => causeway(['compare', ...args, '--source-password-file', password, '--target-password-file', password]);

test('equal is 0, different is 1 and named, anything else is another status', { timeout: 120_000 }, async () => {
  const mail = { INBOX: Array.from({ length: 30 }, (_, n) => message(`number ${n}`, n, ['\\Seen'])), Sent: [message('sent', 99)] };
  const a = await account('a', mail);
  const b = await account('b', mail);
  const c = await account('c', { INBOX: [...mail.INBOX.slice(1), message('\u001b]0;owned\u0007 unasked', 50)], Sent: [message('sent', 99, ['\\Flagged'])] });

  const [equal, different, shown] = await Promise.all([run(a, b), run(a, c, '--json'), run(a, c, '--name', '1')]);
  expect(equal.stderr).toBe('');
  expect(equal.status).toBe(0);
  expect(equal.stdout).toBe('Equal: 31 messages (1.9 KB) in 2 mailboxes, by their bytes, internal dates and flags.\n');
  expect(different.status, different.stderr).toBe(1);
  expect(JSON.parse(different.stdout)).toMatchObject({ equal: false, differences: { missing: 1, surplus: 1, flags: 1, dates: 0, unread: 0 }, absent: [] });
  expect(shown.stdout).toContain('Different: 1 missing at the target, 1 surplus at the target, 1 with other flags.');
  expect(shown.stdout).toContain('missing at the target: "INBOX" UID 1 <0@isp.example> "number 0"');
  expect(shown.stdout).toContain('with other flags: "Sent" UID 1 <99@isp.example> "sent": none → \\flagged');
  // eslint-disable-next-line no-control-regex -- they are what must not be there
  expect(shown.stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);

  const wrong = join(folder, 'wrong');
  writeFileSync(wrong, 'sardine');
  const [refused, down, inArguments, none] = await Promise.all([
    causeway(['compare', a, b, '--source-password-file', wrong, '--target-password-file', password]),
    run(a, 'imap+plain://ada@127.0.0.1:1'),
    run('imaps://ada:hunter2@mail.example', b),
    causeway(['compare', a, b]),
  ]);
  expect([refused.status, down.status, inArguments.status, none.status]).toEqual([77, 69, 64, 64]);
  expect(inArguments.stderr).not.toContain('hunter2');
  expect(none.stderr).toContain('CAUSEWAY_SOURCE_PASSWORD');
});
