/**
 * Customers who signed in for the first time, of whose secrets nobody but their platform knew, and `serve` killed a
 * moment after each was told so: the next life lets them in with that platform's authentication dead.
 */
import { randomBytes } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { readRunFile } from '../src/context/data-folder.ts';
import { isAlive } from '../src/context/processes.ts';
import { addUsers, startPlatformProcess } from '../src/practice/index.ts';
import { signIn } from './customer.ts';
import { causeway, install, type Running, SENTINEL, serve, sleep, TOKEN } from './installation.ts';

const LIVES = 6;
/** A journal takes milliseconds; on a machine that stands still for a moment, that moment too. */
const WRITTEN_MS = 60_000;

const cleanUps: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const each of cleanUps.splice(0).toReversed()) await each();
});

test(`${LIVES} lives, each killed as soon as a first sign-in is in the journal`, { timeout: 400_000 }, async () => {
  const at = install({});
  cleanUps.push(() => at.remove());
  const folder = join(at.folder, 'old');
  const users = Array.from({ length: LIVES }, (_, n) => ({ user: `customer${n}@isp.example`, secret: `secret-${n}` }));
  addUsers(folder, [...users, SENTINEL]);
  const old = await startPlatformProcess({ name: 'old', folder, trustedTokenFile: at.file('token', TOKEN) });
  cleanUps.push(() => old.close());
  const config = at.file('causeway.yaml', JSON.stringify({
    instance: 'scenario',
    data: at.data,
    listen: { imaps: { host: '127.0.0.1', port: 0 } },
    workers: { gateway: 1, mover: 1 },
    platforms: {
      old: {
        imap: { host: '127.0.0.1', port: old.imapPort, tls: 'plain', trustedNetwork: true },
        lmtp: { host: '127.0.0.1', port: old.lmtpPort },
        entrances: [{ kind: 'trusted', port: old.trustedPort, passwordFile: 'token' }],
        sentinel: { login: SENTINEL.user, passwordFile: 'sentinel' },
      },
    },
  }));
  const key = join(at.folder, 'key');
  at.file('key', randomBytes(32).toString('hex'));
  const live = async (): Promise<Running> => {
    const running = serve(config, (command) => ['env', `CAUSEWAY_KNOWN_GOOD_KEY_FILE=${key}`, ...command]);
    cleanUps.push(() => running.stop());
    await running.event('serve.ready');
    return running;
  };
  const port = (): number => readRunFile(at.data)!.ports.imaps!;
  const journalled = (): number => statSync(join(at.data, 'known-good.journal'), { throwIfNoEntry: false })?.size ?? 0;

  let running = await live();
  const rows = users.map(({ user }) => `${user},old,,old\n`).join('');
  expect((await causeway(['account', 'import', at.file('accounts.csv', `address,platform,hash,authority\n${rows}`), '-c', config])).status).toBe(0);
  for (const { user, secret } of users) {
    const before = journalled();
    expect(await signIn(port(), user, secret)).toBe('in');
    // Much sooner than the hash of the secret is made and stored.
    for (const until = performance.now() + WRITTEN_MS; journalled() === before; await sleep(2)) expect(performance.now(), 'it is in the journal').toBeLessThan(until);
    const { serve: parent, children } = readRunFile(at.data)!;
    for (const { pid } of [parent, ...children].filter(isAlive)) process.kill(pid, 'SIGKILL');
    await running.ended;
    running = await live();
  }
  await old.auth.kill();
  for (const { user, secret } of users) expect(await signIn(port(), user, secret), user).toBe('in');
  const verdicts = (): string[] => running.events('signin.verdict').map(({ verdict, reason }) => `${verdict}: ${reason}`);
  await expect.poll(verdicts).toEqual(users.map(() => 'accepted: known-good'));
  // What lies on the disk names no secret.
  for (const name of ['known-good.journal', 'known-good']) {
    const bytes = readFileSync(join(at.data, name), { flag: 'a+' });
    for (const { secret } of users) expect(bytes.includes(secret)).toBe(false);
  }
});
