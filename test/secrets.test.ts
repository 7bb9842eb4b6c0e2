/**
 * Changes of secrets, names and states with the real program, while the platform's authentication is dead: they hold at
 * once, nobody whose secret is right is told otherwise, and the platform hears of them.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { afterEach, expect, test } from 'vitest';
import { loadConfig } from '../src/config/index.ts';
import { attach } from '../src/context/attach.ts';
import { readRunFile } from '../src/context/data-folder.ts';
import { factsOf, openSecrets } from '../src/context/secrets.ts';
import { changeState, confirmationsOf, findAccount, renameAccount, revokeAppPassword } from '../src/directory/index.ts';
import { systemClock } from '../src/events/clock.ts';
import { silent } from '../src/events/index.ts';
import { createPeer } from '../src/gateway/peers.testing.ts';
import { addUsers, startPlatformProcess } from '../src/practice/index.ts';
import { createHasher } from '../src/signin/index.ts';
import { deliver, messageIds, signIn, signInPop3 } from './customer.ts';
import { causeway, type Ended, install, SENTINEL, serve, sleep, TOKEN } from './installation.ts';

const ADA = { user: 'ada@isp.example', secret: 'first programmer' };
const BEN = { user: 'ben@isp.example', secret: 'second chance' };

/** A second is what an instance has to hear of a change; a busy machine takes longer. */
const WITHIN_MS = 60_000;

const cleanUps: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const each of cleanUps.splice(0).toReversed()) await each();
});

async function until(done: () => boolean, what: string): Promise<void> {
  for (const end = performance.now() + WITHIN_MS; !done(); await sleep(50)) if (performance.now() > end) throw new Error(`still not: ${what}`);
}

async function reached(state: string, look: () => Promise<string>): Promise<void> {
  for (const end = performance.now() + WITHIN_MS; (await look()) !== state; await sleep(50)) if (performance.now() > end) throw new Error(`still not: ${state}`);
}

test('changes hold at once with the authentication dead, and the platform hears of them', async () => {
  const at = install({});
  cleanUps.push(() => at.remove());
  const folder = join(at.folder, 'old');
  addUsers(folder, [ADA, BEN, SENTINEL], { uidValidityBase: 0 });
  const platform = await startPlatformProcess({ name: 'old', folder, uidValidityBase: 0, trustedTokenFile: join(at.folder, 'token') });
  cleanUps.push(() => platform.close());
  const told = join(at.folder, 'told');
  const loopback = { host: '127.0.0.1', port: 0 };
  const service = (port: number): unknown => ({ host: '127.0.0.1', port, tls: 'plain', trustedNetwork: true });
  const settings = {
    instance: 'scenario',
    data: at.data,
    listen: { imaps: loopback, pop3s: loopback, lmtp: loopback },
    workers: { gateway: 1, mover: 1 },
    platforms: {
      old: {
        imap: service(platform.imapPort),
        pop3: service(platform.pop3Port),
        lmtp: { host: '127.0.0.1', port: platform.lmtpPort },
        entrances: [{ kind: 'trusted', port: platform.trustedPort, pop3Port: platform.pop3TrustedPort, passwordFile: 'token' }, { kind: 'replay' }],
        sentinel: { login: SENTINEL.user, passwordFile: 'sentinel' },
        provisioner: { kind: 'command', program: '/bin/sh', args: ['-c', `cat >> ${told}; echo >> ${told}`] },
      },
    },
  };
  const config = at.file('causeway.yaml', JSON.stringify(settings));
  const running = serve(config);
  cleanUps.push(() => running.stop());
  await running.event('serve.ready');
  const { imaps, pop3s, lmtp } = readRunFile(at.data)!.ports;
  const { instance } = readRunFile(at.data)!;
  const run = async (...args: string[]): Promise<Ended> => causeway(['account', ...args, '-c', config, '--json']);
  const done = async (...args: string[]): Promise<Record<string, unknown>> => {
    const { status, stdout, stderr } = await run(...args);
    expect(status, `${args.join(' ')}: ${stderr}`).toBe(0);
    return JSON.parse(stdout) as Record<string, unknown>;
  };
  const setPassword = (user: string, secret: string): Promise<Ended> =>
    causeway(['account', 'password', user, '--why', 'case 17', '-c', config, '--json'], (command) => ['/bin/sh', '-c', `printf '%s\\n' '${secret}' | "$@"`, 'sh', ...command]);

  // The command line starts a process each time; what it does beyond that is done here.
  const { store } = await attach(config);
  cleanUps.push(() => store.close());
  const parsed = loadConfig(config);
  const acting = { by: { actor: 'test' }, facts: factsOf(parsed) };
  const idOf = async (name: string): Promise<number> => (await findAccount(store, name))!.account.id;
  const confirmed = async (change: string): Promise<void> => {
    for (const end = performance.now() + WITHIN_MS; (await confirmationsOf(store, change)).confirmed.length === 0; await sleep(20)) if (performance.now() > end) throw new Error('not confirmed');
  };

  await done('import', at.file('accounts.csv', `address,platform,hash,authority\n${ADA.user},old,,old\n${BEN.user},old,,old\n`));
  expect(await signIn(imaps!, ADA.user, ADA.secret)).toBe('in');
  await platform.auth.kill();

  // The session with the old secret ends; the new one serves at once, though the platform cannot be asked.
  const session = createPeer(connectTls({ port: imaps!, host: '127.0.0.1', rejectUnauthorized: false }));
  cleanUps.push(() => session.socket.destroy());
  session.send(`a LOGIN "${ADA.user}" "${ADA.secret}"\r\n`);
  await session.sees('a OK');
  const set = await setPassword(ADA.user, 'a quite new secret');
  expect(set.status, set.stderr).toBe(0);
  const said = JSON.parse(set.stdout) as { change: string; confirmed: string[]; notYet: { instance: string }[] };
  expect(said).toMatchObject({ outcome: 'changed', takenFrom: 'old', told: ['old'] });
  // It waits three seconds for the instance, and then says that it has not heard.
  expect([...said.confirmed, ...said.notYet.map((each) => each.instance)]).toEqual([instance]);
  await confirmed(said.change);
  await session.ended();
  expect(session.all()).toContain('* BYE ');
  expect(await signIn(imaps!, ADA.user, 'a quite new secret')).toBe('in');
  expect(await signIn(imaps!, ADA.user, ADA.secret)).toBe('AUTHENTICATIONFAILED');
  // Of Ben nothing was ever known here: a change is what brings him in.
  expect(await signIn(imaps!, BEN.user, BEN.secret)).toBe('UNAVAILABLE');
  const hasher = createHasher({ clock: systemClock, emit: silent, workers: 1 });
  cleanUps.push(() => hasher.close());
  const changed = await openSecrets(parsed, store, hasher.makeInTurn).set(await idOf(BEN.user), 'third time lucky', { by: acting.by, act: 'account.secret-reset' });
  await confirmed((changed as { change: string }).change);
  expect(await signIn(imaps!, BEN.user, 'third time lucky')).toBe('in');

  const made = await done('app-password', 'add', ADA.user, '--label', 'phone', '--for', 'imap,submission');
  expect(await signIn(imaps!, ADA.user, String(made['secret']))).toBe('in');
  expect(await signInPop3(pop3s!, ADA.user, String(made['secret']))).toBe('SYS/TEMP');
  const { change } = await store.transaction(async (tx) => revokeAppPassword(tx, await idOf(ADA.user), Number(made['id']), acting.by));
  await confirmed(change);
  expect(await signIn(imaps!, ADA.user, String(made['secret']))).toBe('AUTHENTICATIONFAILED');

  const NEW_NAME = 'lovelace@isp.example';
  expect(await run('rename', ADA.user, BEN.user)).toMatchObject({ status: 70, stderr: expect.stringContaining(`${BEN.user} belongs to another account`) });
  await store.transaction(async (tx) => renameAccount(tx, await idOf(ADA.user), NEW_NAME, acting));
  for (const name of [ADA.user, NEW_NAME]) expect(await signIn(imaps!, name, 'a quite new secret')).toBe('in');
  expect(await deliver(lmtp!, NEW_NAME, 'new-name@test')).toBe(250);
  expect(await deliver(lmtp!, ADA.user, 'old-name@test')).toBe(250);
  expect(await messageIds(platform.trustedPort, ADA.user, TOKEN)).toEqual(['new-name@test', 'old-name@test']);

  await done('suspend', NEW_NAME, '--why', 'unpaid');
  await reached('UNAVAILABLE', () => signIn(imaps!, ADA.user, 'a quite new secret'));
  await store.transaction(async (tx) => changeState(tx, await idOf(NEW_NAME), 'active', acting));
  await reached('in', () => signIn(imaps!, ADA.user, 'a quite new secret'));

  await until(() => readFileSync(told, 'utf8').trim().split('\n').length >= 5, 'the platform was told');
  const messages = readFileSync(told, 'utf8').trim().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(messages.map(({ act, state }) => state ?? act).toSorted()).toEqual(['active', 'names', 'secret', 'secret', 'suspended']);
  expect(messages.find(({ act }) => act === 'secret')).toMatchObject({ hash: expect.stringMatching(/^\{ARGON2ID\}\$argon2id\$/), account: { login: ADA.user } });
  for (const secret of ['a quite new secret', ADA.secret, String(made['secret'])]) {
    expect(readFileSync(told, 'utf8')).not.toContain(secret);
    expect(JSON.stringify(running.events())).not.toContain(secret);
  }
});
