/**
 * The new platform hangs: it takes connections and never answers, while customers have sessions there, open, at rest and in
 * the middle of a command, and mail is on its way. Given up, it keeps nobody: all are back at the old one within seconds,
 * what was busy was ended and told so, and mail that had no answer is taken at the old one. With the real program.
 */
import { afterEach, expect, test } from 'vitest';
import { join } from 'node:path';
import { readRunFile } from '../src/context/data-folder.ts';
import { addUsers, type PlatformProcess, startPlatformProcess } from '../src/practice/index.ts';
import { openClient } from '../src/rehearsal/mail-client.ts';
import { deliver, messageIds, signIn } from './customer.ts';
import { causeway, install, SENTINEL, serve, sleep, TOKEN } from './installation.ts';

const CUSTOMERS = ['rest', 'busy', 'dials', 'mail', 'away'].map((name) => ({ user: `${name}@isp.example`, secret: `secret of ${name}` }));
/** A worker's notice that it is no more the owner (3 s), two rounds of a hold, and a machine with other work. */
const WITHIN_MS = 60_000;

const cleanUps: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const each of cleanUps.splice(0).toReversed()) await each();
});

test('a home that hangs, with sessions and deliveries under way: back within seconds', async () => {
  const folders = install({});
  cleanUps.push(() => folders.remove());
  folders.file('token', TOKEN);
  const start = async (name: string, uidValidityBase: number): Promise<PlatformProcess> => {
    const folder = join(folders.folder, name);
    addUsers(folder, [...CUSTOMERS, SENTINEL], { uidValidityBase });
    const platform = await startPlatformProcess({ name, folder, uidValidityBase, trustedTokenFile: join(folders.folder, 'token') });
    cleanUps.push(() => platform.close());
    return platform;
  };
  const [old, fresh] = [await start('old', 0), await start('new', 2e8)];
  const at = install({ old, new: fresh });
  cleanUps.push(() => at.remove());
  const running = serve(at.config);
  cleanUps.push(() => running.stop());
  await running.event('serve.ready');
  const { imaps, lmtp } = readRunFile(at.data)!.ports;
  const rows = CUSTOMERS.map(({ user }) => `${user},old,,old\n`).join('');
  expect((await causeway(['account', 'import', at.file('accounts.csv', `address,platform,hash,authority\n${rows}`), '-c', at.config])).status).toBe(0);
  const everybody = at.file('everybody', CUSTOMERS.map(({ user }) => `${user}\n`).join(''));
  for (const { user } of CUSTOMERS) expect(await deliver(lmtp!, user, `before-${user}`)).toBe(250);
  const moved = await causeway(['move', '--list', everybody, '--to', 'new', '-c', at.config]);
  expect(moved.status, moved.stderr).toBe(0);

  const open = async ({ user, secret }: { user: string; secret: string }) => {
    const { client } = await openClient({ host: '127.0.0.1', port: imaps!, secure: true, timeoutMs: 90_000 });
    cleanUps.push(() => client!.close());
    expect((await client!.command(`LOGIN "${user}" "${secret}"`)).status).toBe('OK');
    expect((await client!.command('SELECT INBOX')).status).toBe('OK');
    return client!;
  };
  const [rest, busy] = [await open(CUSTOMERS[0]!), await open(CUSTOMERS[1]!)];

  process.kill(fresh.pid, 'SIGSTOP');
  cleanUps.push(() => process.kill(fresh.pid, 'SIGCONT'));
  // Each of these waits for a platform that says nothing.
  const asking = busy.command('NOOP').then(({ status, text }) => `${status} ${text}`, (error: unknown) => String(error));
  const dialling = signIn(imaps!, CUSTOMERS[2]!.user, CUSTOMERS[2]!.secret).catch((error: unknown) => String(error));
  const asked = Promise.withResolvers<void>();
  const delivering = deliver(lmtp!, CUSTOMERS[3]!.user, 'under-way', (said) => said.startsWith('RCPT') && asked.resolve());
  await asked.promise;
  await sleep(500);

  const began = performance.now();
  const back = await causeway(['rollback', '--list', everybody, '--home-is-dead', '--why', 'it hangs', '--json', '-c', at.config]);
  const ms = performance.now() - began;
  expect(back.status, back.stderr).toBe(0);
  const { moves } = JSON.parse(back.stdout) as { moves: { state: string; target: string; backedOut: number }[] };
  expect(moves.map(({ state, target }) => `${state} ${target}`)).toEqual(CUSTOMERS.map(() => 'moved old'));
  expect(ms).toBeLessThan(WITHIN_MS);

  // What was under way was ended, and nobody was told that it was done.
  expect(await asking).not.toMatch(/^OK/);
  expect(['in', 'UNAVAILABLE']).toContain(await dialling);
  expect(await delivering).toBeGreaterThan(400);
  await expect(rest.command('NOOP').then(({ status }) => status)).resolves.not.toBe('OK');
  for (const { user, secret } of CUSTOMERS) expect(await signIn(imaps!, user, secret), user).toBe('in');
  expect(await deliver(lmtp!, CUSTOMERS[3]!.user, 'under-way')).toBe(250);
  for (const { user } of CUSTOMERS) {
    const known = [`before-${user}`, ...(user === CUSTOMERS[3]!.user ? ['under-way'] : [])].sort();
    expect(await messageIds(old.trustedPort, user, TOKEN), user).toEqual(known);
  }
});
