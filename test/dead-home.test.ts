/**
 * The new platform dies for good in the middle of a switch, with mail coming in: everybody is carried back to the old one
 * within seconds, what is missing is what came after the account was followed last, and when the platform can be read
 * again it is merged. With the real program; what platforms hold is read from their disks.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { readRunFile } from '../src/context/data-folder.ts';
import { addUsers, type PlatformProcess, startPlatformProcess } from '../src/practice/index.ts';
import { deliver, signIn } from './customer.ts';
import { causeway, install, SENTINEL, serve, sleep, TOKEN } from './installation.ts';
import { platformPorts } from './ports.ts';

const CUSTOMERS = Array.from({ length: 12 }, (_, n) => ({ user: `customer${n}@isp.example`, secret: `secret of ${n}` }));
/** Longer than from a flip to the first time that all is followed, on a busy machine. */
const FOLLOWED_MS = 120_000;

const cleanUps: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const each of cleanUps.splice(0).toReversed()) await each();
});

/** How often a platform's disk holds each message of a customer, by the id that was given it. */
function held(folder: string, user: string): Map<string, number> {
  const found = new Map<string, number>();
  for (const entry of readdirSync(join(folder, user, 'Maildir'), { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !/\/(cur|new)$/.test(entry.parentPath)) continue;
    const id = /^(?:X-Id|Message-ID): <?([^>\r\n]+)>?\r$/m.exec(readFileSync(join(entry.parentPath, entry.name), 'latin1'))?.[1] ?? 'without an id';
    found.set(id, (found.get(id) ?? 0) + 1);
  }
  return found;
}

type Sent = { readonly user: string; readonly id: string; readonly at: number };

test('a dead home: back within seconds, with a record of what is missing, which is merged in the end', { timeout: 480_000 }, async () => {
  const at = install({});
  cleanUps.push(() => at.remove());
  const folders = { old: join(at.folder, 'old'), new: join(at.folder, 'new') };
  const start = async (name: 'old' | 'new', uidValidityBase: number, ports: Partial<PlatformProcess> = {}): Promise<PlatformProcess> => {
    const { imapPort, trustedPort, lmtpPort } = ports;
    const given = Object.fromEntries(Object.entries({ imapPort, trustedPort, lmtpPort }).filter(([, port]) => port !== undefined));
    const platform = await startPlatformProcess({ name, folder: folders[name], uidValidityBase, trustedTokenFile: join(at.folder, 'token'), ...given });
    cleanUps.push(() => platform.close());
    return platform;
  };
  for (const [name, uidValidityBase] of [['old', 0], ['new', 2e8]] as const) addUsers(folders[name], [...CUSTOMERS, SENTINEL], { uidValidityBase });
  const old = await start('old', 0);
  const fresh = await start('new', 2e8, await platformPorts());
  const configured = (platform: PlatformProcess): unknown => ({
    imap: { host: '127.0.0.1', port: platform.imapPort, tls: 'plain', trustedNetwork: true },
    lmtp: { host: '127.0.0.1', port: platform.lmtpPort },
    entrances: [{ kind: 'trusted', port: platform.trustedPort, passwordFile: 'token' }],
    sentinel: { login: SENTINEL.user, passwordFile: 'sentinel' },
  });
  const loopback = { host: '127.0.0.1', port: 0 };
  at.file('token', TOKEN);
  const config = at.file('causeway.yaml', JSON.stringify({
    instance: 'scenario',
    data: at.data,
    listen: { imaps: loopback, lmtp: loopback },
    workers: { gateway: 1, mover: 2 },
    platforms: { old: configured(old), new: configured(fresh) },
  }));
  const running = serve(config);
  cleanUps.push(() => running.stop());
  await running.event('serve.ready');
  const { imaps, lmtp } = readRunFile(at.data)!.ports;
  const rows = CUSTOMERS.map(({ user }) => `${user},old,,old\n`).join('');
  expect((await causeway(['account', 'import', at.file('accounts.csv', `address,platform,hash,authority\n${rows}`), '-c', config])).status).toBe(0);

  const sent: Sent[] = [];
  let number = 0;
  /** One message to each customer, again until it is taken. */
  const mail = async (): Promise<void> => {
    for (const { user } of CUSTOMERS) {
      const id = `message-${(number += 1)}`;
      for (const until = performance.now() + 60_000; (await deliver(lmtp!, user, id)) !== 250; await sleep(200)) {
        if (performance.now() > until) throw new Error(`${id} is not taken`);
      }
      sent.push({ user, id, at: Date.now() });
    }
  };
  const everybody = at.file('everybody', CUSTOMERS.map(({ user }) => `${user}\n`).join(''));
  await mail();
  for (const { user, secret } of CUSTOMERS) expect(await signIn(imaps!, user, secret), user).toBe('in');
  const moved = await causeway(['move', '--list', everybody, '--to', 'new', '-c', config]);
  expect(moved.status, moved.stderr).toBe(0);
  await mail();

  // Until all of that is at the old platform, too.
  const missing = (folder: string): Sent[] => sent.filter(({ user, id }) => !held(folder, user).has(id));
  for (const until = performance.now() + FOLLOWED_MS; missing(folders.old).length > 0; await sleep(200)) {
    expect(performance.now(), 'it is followed back').toBeLessThan(until);
  }
  await mail();
  await fresh.close();

  const began = performance.now();
  const back = await causeway(['rollback', '--list', everybody, '--home-is-dead', '--why', 'it burnt down', '--json', '-c', config]);
  expect(back.status, back.stderr).toBe(0);
  const seconds = (performance.now() - began) / 1_000;
  expect(seconds).toBeLessThan(60);
  const { moves, losses } = JSON.parse(back.stdout) as { moves: { state: string; target: string }[]; losses: { address: string; platform: string; followedAt: string }[] };
  expect(moves.map(({ state, target }) => `${state} ${target}`)).toEqual(CUSTOMERS.map(() => 'moved old'));
  expect(losses.map(({ address }) => address).sort()).toEqual(CUSTOMERS.map(({ user }) => user).sort());
  // All that was sent before an account was followed last is there: what may be missing came later.
  const followedAt = new Map(losses.map(({ address, followedAt: time }) => [address, Date.parse(time)]));
  const lost = missing(folders.old);
  expect(lost.filter((each) => each.at < followedAt.get(each.user)!)).toEqual([]);
  expect(lost.length).toBeGreaterThan(0);

  // Service goes on at the old platform, for everybody.
  await mail();
  for (const { user, secret } of CUSTOMERS) expect(await signIn(imaps!, user, secret), user).toBe('in');
  await expect.poll(() => running.events('gateway.session-opened').slice(-CUSTOMERS.length).map(({ platform }) => platform)).toEqual(CUSTOMERS.map(() => 'old'));
  const told = await causeway(['losses', '-c', config]);
  expect(told.status).toBe(1);
  expect(told.stdout).toContain(`${CUSTOMERS[0]!.user}: carried back; what came to new after `);

  await start('new', 2e8, fresh);
  for (const until = performance.now() + 180_000; (await causeway(['losses', '-c', config])).status !== 0; await sleep(500)) {
    expect(performance.now(), 'what was left behind is merged').toBeLessThan(until);
  }
  expect(missing(folders.old)).toEqual([]);
  for (const { user } of CUSTOMERS) expect([...held(folders.old, user).values()].filter((times) => times !== 1), user).toEqual([]);
});
