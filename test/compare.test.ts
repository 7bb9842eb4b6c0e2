/**
 * `causeway compare` as an operator runs it: two accounts on two servers of which it knows nothing but URLs; and a list
 * of accounts that is planned, moved and verified.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { addUser, addUsers, createPlatform, type Platform, seedMailbox, type SeedMessage } from '../src/practice/index.ts';
import { causeway, install, SENTINEL, serve, TOKEN } from './installation.ts';

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

test('equal is 0, different is 1 and named, anything else is another status', async () => {
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

test('a list of accounts is planned, moved and verified', async () => {
  const users = ['ada', 'ben', 'eve'].map((name) => ({ user: `${name}@isp.example`, secret: SECRET }));
  const token = join(folder, 'token');
  writeFileSync(token, TOKEN);
  const start = async (name: string, uidValidityBase: number): Promise<Platform> => {
    const home = join(folder, name);
    addUsers(home, [...users, SENTINEL], { uidValidityBase });
    if (name === 'old') for (const { user } of users) seedMailbox(home, user, 'INBOX', [message('hello', 1, ['\\Seen']), message('hello', 1)], { uidValidityBase });
    if (name === 'old') seedMailbox(home, users[0]!.user, 'Ops/a.b', [message('nested', 2)], { uidValidityBase });
    const platform = await createPlatform({ name, folder: home, uidValidityBase, trustedTokenFile: token, separator: name === 'old' ? '/' : '.' });
    platforms.push(platform);
    return platform;
  };
  const [old, next] = [await start('old', 0), await start('new', 2e8)];
  const at = install({ old, new: next });
  const running = serve(at.config);
  try {
    await running.event('serve.ready');
    const accounts = at.file('accounts.csv', ['address,platform,hash,authority', ...users.map(({ user }) => `${user},old,,old`), ''].join('\n'));
    expect((await causeway(['account', 'import', accounts, '-c', at.config])).status).toBe(0);
    const list = at.file('customers.txt', '# ours first\nben@isp.example\n\nada@isp.example\n');
    const bad = at.file('bad.txt', 'ben@isp.example\nnobody@isp.example\n');

    const [planned, unknown] = await Promise.all([
      causeway(['move', '--list', list, '--to', 'new', '--dry-run', '--json', '-c', at.config]),
      causeway(['move', '--list', bad, '--to', 'new', '-c', at.config]),
    ]);
    expect(planned.status, planned.stderr).toBe(0);
    expect(JSON.parse(planned.stdout)).toMatchObject({
      plans: [
        { address: 'ben@isp.example', outcome: 'would-move', messages: 2, findings: [] },
        { address: 'ada@isp.example', outcome: 'would-move', messages: 3, findings: [{ kind: 'name', stops: false, mailbox: 'Ops/a.b' }] },
      ],
    });
    expect(unknown.status).toBe(67);
    expect(unknown.stderr).toContain('nobody@isp.example');

    const moved = await causeway(['move', '--list', list, '--to', 'new', '--json', '-c', at.config]);
    expect(moved.status, moved.stderr).toBe(0);
    expect(JSON.parse(moved.stdout)).toMatchObject({ moves: [{ address: 'ben@isp.example', state: 'moved' }, { address: 'ada@isp.example', state: 'moved' }], there: [] });
    // Given again it leaves out who lives there, and takes whom the list got since.
    const again = await causeway(['move', 'eve@isp.example', '--list', list, '--to', 'new', '-c', at.config]);
    expect(again.status, again.stderr).toBe(0);
    expect(again.stdout).toMatch(/^eve@isp\.example: lives at new now; 2 messages.*\n(.*: lives at new already\n){2}$/);

    const [verified, compared] = await Promise.all([
      causeway(['verify', 'ada@isp.example', '-c', at.config]),
      run(`imap+plain://ada@isp.example@127.0.0.1:${old.imapPort}`, `imap+plain://ada@isp.example@127.0.0.1:${next.imapPort}`),
    ]);
    expect(verified.stdout).toContain('All 3 messages are on both sides as they were proven.');
    expect([verified.status, compared.status]).toEqual([0, 0]);
  } finally {
    await running.stop();
    at.remove();
  }
});
