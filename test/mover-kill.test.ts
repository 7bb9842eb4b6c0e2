/**
 * Movers that are killed and stopped at random moments, again and again, while accounts are carried there and back: after
 * every way each account is at its home what it was at the beginning, message for message, with flags and
 * dates. `CAUSEWAY_KILLS=200` and `CAUSEWAY_STOPS=50` make it longer; `CAUSEWAY_TEST_SEED` repeats the mail.
 */
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { readRunFile } from '../src/context/data-folder.ts';
import { isAlive, type ProcessId } from '../src/context/processes.ts';
import { addUsers, type PlatformProcess, seedMailbox, startPlatformProcess } from '../src/practice/index.ts';
import type { SeedMessage } from '../src/practice/index.ts';
import { createRandom } from '../src/rehearsal/random.ts';
import { readAccount } from '../src/rehearsal/read-platform.ts';
import { causeway, install, SENTINEL, serve, sleep, TOKEN } from './installation.ts';

const KILLS = Number(process.env['CAUSEWAY_KILLS'] ?? 20);
const STOPS = Number(process.env['CAUSEWAY_STOPS'] ?? 5);
const SEED = Number(process.env['CAUSEWAY_TEST_SEED'] ?? Date.now() % 100_000);
const ACCOUNTS = 12;
/** A way with kills takes some seconds; a worker that dies young is started again after up to five. */
const PER_FAULT_MS = 15_000;

const cleanUps: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const each of cleanUps.splice(0).toReversed()) await each();
});

type Random = ReturnType<typeof createRandom>;

/** @returns false when it had ended by itself, or by another's hand */
function signal(victim: ProcessId, name: NodeJS.Signals): boolean {
  if (!isAlive(victim)) return false;
  process.kill(victim.pid, name);
  return true;
}

/** Small and large, with flags and keywords, and true duplicates. */
function seedMail(random: Random, user: string): SeedMessage[] {
  const one = (n: number): SeedMessage => ({
    bytes: Buffer.from(`From: <${user}>\r\nMessage-ID: <${n}.${user}>\r\nSubject: ${n}\r\n\r\n${'all work and no play\r\n'.repeat(random.chance(0.1) ? 10_000 : random.below(60))}`),
    internalDateMs: 1e12 + n * 60_000,
    flags: ['\\Seen', '\\Flagged', '\\Answered'].filter(() => random.chance(0.4)),
    keywords: random.chance(0.3) ? ['Work', '$Forwarded'] : [],
  });
  const mail = Array.from({ length: 25 }, (_, n) => one(n));
  return [...mail, mail[3]!, mail[3]!];
}

test(`${KILLS} movers killed and ${STOPS} stopped: nothing missing, altered or doubled`, { timeout: 120_000 + (KILLS + STOPS) * PER_FAULT_MS }, async () => {
  const random = createRandom(SEED);
  const at = install({});
  cleanUps.push(() => at.remove());
  at.file('token', TOKEN);
  const folders = { old: join(at.folder, 'old'), new: join(at.folder, 'new') };
  const users = Array.from({ length: ACCOUNTS }, (_, n) => ({ user: `customer${n}@isp.example`, secret: `secret of ${n}` }));
  for (const [name, uidValidityBase] of [['old', 0], ['new', 2e8]] as const) addUsers(folders[name], [...users, SENTINEL], { uidValidityBase });
  for (const { user } of users) {
    const mail = seedMail(random, user);
    seedMailbox(folders.old, user, 'INBOX', mail.slice(0, 20), { uidValidityBase: 0, subscribe: true });
    seedMailbox(folders.old, user, 'Archive/2020', mail.slice(20), { uidValidityBase: 0, separator: '/', subscribe: true });
  }
  const platforms = {} as Record<'old' | 'new', PlatformProcess>;
  for (const [name, uidValidityBase, separator] of [['old', 0, '/'], ['new', 2e8, '.']] as const) {
    platforms[name] = await startPlatformProcess({ name, folder: folders[name], uidValidityBase, separator, trustedTokenFile: join(at.folder, 'token') });
    cleanUps.push(() => platforms[name].close());
  }
  const configured = (platform: PlatformProcess): unknown => ({
    imap: { host: '127.0.0.1', port: platform.imapPort, tls: 'plain', trustedNetwork: true },
    lmtp: { host: '127.0.0.1', port: platform.lmtpPort },
    entrances: [{ kind: 'trusted', port: platform.trustedPort, passwordFile: 'token' }],
    sentinel: { login: SENTINEL.user, passwordFile: 'sentinel' },
  });
  const config = at.file('causeway.yaml', JSON.stringify({
    instance: 'scenario',
    data: at.data,
    listen: { imaps: { host: '127.0.0.1', port: 0 } },
    workers: { gateway: 1, mover: 3 },
    platforms: { old: configured(platforms.old), new: configured(platforms.new) },
  }));
  const running = serve(config);
  cleanUps.push(() => running.stop());
  await running.event('serve.ready');
  const rows = users.map(({ user }) => `${user},old,,old\n`).join('');
  expect((await causeway(['account', 'import', at.file('accounts.csv', `address,platform,hash,authority\n${rows}`), '-c', config])).status).toBe(0);

  const read = async (name: 'old' | 'new', user: string): Promise<unknown> => {
    const seen = await readAccount({ name, port: platforms[name].trustedPort, token: TOKEN, folder: folders[name] }, user);
    return { messages: [...seen.messages].sort(([a], [b]) => a.localeCompare(b)), mailboxes: [...seen.mailboxes].sort() };
  };
  const before = new Map(await Promise.all(users.map(async ({ user }) => [user, await read('old', user)] as const)));

  const everybody = at.file('everybody', users.map(({ user }) => `${user}\n`).join(''));
  const movers = (): ProcessId[] => readRunFile(at.data)!.children.filter((child) => child.role === 'mover' && isAlive(child));
  let done = 0;
  let over = false;
  const faults = (async () => {
    const kinds = [...Array<string>(KILLS).fill('kill'), ...Array<string>(STOPS).fill('stop')].sort(() => random.next() - 0.5);
    while (kinds.length > 0 && !over) {
      await sleep(20 + random.below(400));
      const living = movers();
      if (living.length === 0) continue;
      const victim = random.pick(living);
      if (!signal(victim, kinds.at(-1) === 'kill' ? 'SIGKILL' : 'SIGSTOP')) continue;
      if (kinds.pop() === 'stop') setTimeout(() => signal(victim, 'SIGCONT'), 100 + random.below(3_000)).unref();
      // Until it is gone: nobody is killed twice.
      else while (isAlive(victim)) await sleep(5);
      done += 1;
    }
  })();

  let ways = 0;
  for (let home: 'old' | 'new' = 'old'; done < KILLS + STOPS || ways < 2; home = home === 'old' ? 'new' : 'old') {
    const way = home === 'old' ? ['move', '--list', everybody, '--to', 'new'] : ['rollback', '--list', everybody];
    const { status, stdout, stderr } = await causeway([...way, '--json', '-c', config]);
    const about = `seed ${SEED}, way ${ways}: ${stderr.slice(-2_000)}${stdout.slice(-2_000)}`;
    expect(status, about).toBe(0);
    ways += 1;
    const there = home === 'old' ? 'new' : 'old';
    for (const { user } of users) expect(await read(there, user), `${user} at ${there}, seed ${SEED}, way ${ways}`).toEqual(before.get(user));
  }
  over = true;
  await faults;
  expect(done).toBe(KILLS + STOPS);
  expect(running.events('serve.worker-ended').filter(({ role }) => role === 'mover').length).toBeGreaterThanOrEqual(KILLS);
});
