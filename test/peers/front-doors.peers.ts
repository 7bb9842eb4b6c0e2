/**
 * A provider that keeps nginx and Postfix as its front doors: the real programs, before the real `causeway serve`,
 * before practice platforms. What customers are told, byte for byte, with the platform's authentication alive and dead.
 */
import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readRunFile } from '../../src/context/data-folder.ts';
import type { Peer } from '../../src/gateway/peers.testing.ts';
import { addUsers, type PlatformProcess, seedMailbox, startPlatformProcess } from '../../src/practice/index.ts';
import { saidAtLast } from '../customer.ts';
import { causeway, install, PROGRAM, type Running, SENTINEL, serve, TOKEN } from '../installation.ts';
import { freePorts } from '#net/free-ports.testing.ts';
import { ask, call, plain } from './lines.ts';
import { type NginxPorts, startNginx } from './nginx.ts';
import { type Postfix, startPostfix } from './postfix.ts';

const ADA = { user: 'ada@isp.example', secret: 'first 100% programmer' };
const BEN = { user: 'ben@isp.example', secret: 'second chance' };
const KEY = 'nginx and nobody else';

const at = install({});
const cleanUps: (() => Promise<unknown> | unknown)[] = [() => at.remove()];
const peers: Peer[] = [];
let platform: PlatformProcess;
let postfix: Postfix;
let nginx: NginxPorts;
let running: Running;
let config: string;

async function startPlatform(name: string, uidValidityBase: number, mail: readonly string[]): Promise<PlatformProcess> {
  const folder = join(at.folder, name);
  addUsers(folder, [ADA, BEN, SENTINEL], { uidValidityBase });
  seedMailbox(folder, ADA.user, 'INBOX', mail.map((text) => ({ bytes: Buffer.from(text), internalDateMs: 1e12 })), { uidValidityBase });
  const started = await startPlatformProcess({ name, folder, uidValidityBase, trustedTokenFile: join(at.folder, 'token') });
  cleanUps.push(() => started.close());
  return started;
}

const platformConfig = (ports: PlatformProcess): unknown => ({
  imap: { host: '127.0.0.1', port: ports.imapPort, tls: 'plain', trustedNetwork: true },
  lmtp: { host: '127.0.0.1', port: ports.lmtpPort },
  entrances: [{ kind: 'trusted', port: ports.trustedPort, pop3Port: ports.pop3TrustedPort, passwordFile: 'token' }],
  sentinel: { login: SENTINEL.user, passwordFile: 'sentinel' },
});

beforeAll(async () => {
  platform = await startPlatform('old', 0, ['Subject: one\r\n\r\none\r\n']);
  const target = await startPlatform('new', 2e8, []);
  const { imap, pop3, smtp, submission } = await freePorts('imap', 'pop3', 'smtp', 'submission');
  mkdirSync(join(at.folder, 'postfix/queue/causeway'), { recursive: true });
  // Dovecot's own place would be Postfix's "private", into which Postfix and root alone may enter.
  chmodSync(join(at.folder, 'postfix'), 0o755);
  at.file('key', KEY);
  const loopback = { host: '127.0.0.1', port: 0 };
  const here = (port: number): unknown => ({ host: '127.0.0.1', port });
  config = at.file(
    'causeway.yaml',
    JSON.stringify({
      instance: 'scenario',
      data: at.data,
      listen: {
        imaps: loopback,
        sasl: { path: 'postfix/queue/causeway/auth', group: 'postfix' },
        authHttp: { ...loopback, keyFile: 'key', backends: { old: { imap: here(platform.imapPort), pop3: here(platform.pop3Port), submission: here(submission) } } },
      },
      workers: { gateway: 1, mover: 1 },
      platforms: { old: platformConfig(platform), new: platformConfig(target) },
    }),
  );
  running = serve(config);
  cleanUps.push(() => running.stop());
  await running.event('serve.ready');
  const accounts = at.file('accounts.csv', `address,platform,hash,authority\n${ADA.user},old,,old\n${BEN.user},old,,old\n`);
  expect((await causeway(['account', 'import', accounts, '-c', config])).status).toBe(0);
  postfix = await startPostfix(join(at.folder, 'postfix'), submission, 'causeway/auth');
  cleanUps.push(() => postfix.stop());
  nginx = { imap, pop3, smtp };
  const front = await startNginx(join(at.folder, 'nginx'), nginx, readRunFile(at.data)!.ports.authHttp!, KEY);
  cleanUps.push(() => front.stop());
});
afterAll(async () => {
  for (const { socket } of peers) socket.destroy();
  for (const each of cleanUps.toReversed()) await each();
});

/** Signs in by each protocol through nginx, and at Postfix. @returns the line that answered the secret */
async function answers({ user, secret }: { user: string; secret: string }): Promise<Record<'imap' | 'pop3' | 'smtp' | 'postfix', string>> {
  const open = async (port: number): Promise<Peer> => {
    const peer = await call(port);
    peers.push(peer);
    await peer.sees('\r\n');
    return peer;
  };
  const viaImap = async (): Promise<string> => ask(await open(nginx.imap), `a LOGIN "${user}" "${secret}"`);
  const viaPop3 = async (): Promise<string> => {
    const peer = await open(nginx.pop3);
    await ask(peer, `USER ${user}`);
    const answer = await ask(peer, `PASS ${secret}`);
    // Else the next one finds the maildrop in use.
    peer.send('QUIT\r\n');
    await peer.ended();
    return answer;
  };
  const viaSmtp = async (port: number, last: string): Promise<string> => {
    const peer = await open(port);
    await ask(peer, 'EHLO client.example', last);
    const answer = await ask(peer, `AUTH PLAIN ${plain(user, secret)}`);
    peer.socket.destroy();
    return answer;
  };
  const [imap, pop3, smtp] = await Promise.all([viaImap(), viaPop3(), viaSmtp(nginx.smtp, 'AUTH PLAIN LOGIN\r\n')]);
  // Postfix has one process here, and nginx is a client of it too.
  return { imap, pop3, smtp, postfix: await viaSmtp(postfix.port, 'CHUNKING\r\n') };
}

const BUSY = 'Account is temporarily unavailable, service busy, please wait. Your password was not rejected.';
const UNAVAILABLE = {
  imap: `a NO [UNAVAILABLE] ${BUSY}`,
  pop3: `-ERR [SYS/TEMP] ${BUSY}`,
  smtp: `454 4.7.0 ${BUSY}`,
  postfix: '454 4.7.0 Temporary authentication failure: Connection lost to authentication server',
};
const IN = { imap: expect.stringMatching(/^a OK /), pop3: expect.stringMatching(/^\+OK/), smtp: '235 2.0.0 OK', postfix: '235 2.7.0 Authentication successful' };

test('check finds the ways that nginx and Postfix need', async () => {
  const { stdout } = await causeway(['check', '-c', config]);
  expect(stdout).toContain('✓ old: imap for nginx: greets in clear');
  expect(stdout).toContain('✓ old: submission for nginx: greets in clear, as nginx needs it: 220 mx.isp.example');
  expect(stdout).toContain('✓ old: an entrance for nginx: trusted');
  expect(stdout).toContain('✓ listen.sasl: ');
});

test('right, wrong, and a name that nobody has', async () => {
  expect(await answers(ADA)).toEqual(IN);
  const wrong = {
    imap: 'a NO [AUTHENTICATIONFAILED] The login name or the password is wrong.',
    pop3: '-ERR [AUTH] The login name or the password is wrong.',
    smtp: '535 5.7.8 The login name or the password is wrong.',
    postfix: '535 5.7.8 Error: authentication failed: The login name or the password is wrong.',
  };
  const told = await saidAtLast(() => answers({ ...ADA, secret: 'wrong' }), (lines) => Object.values(lines).some((line) => /temporar/i.test(line)));
  expect(told).toEqual(wrong);
  expect(await answers({ user: 'nobody@isp.example', secret: 'x' })).toEqual(wrong);
});

test('nginx hands its session over to the platform', async () => {
  const peer = await call(nginx.imap);
  peers.push(peer);
  await peer.sees('\r\n');
  // By the login name; the account's own name is what the platform gets.
  expect(await ask(peer, `a LOGIN ${ADA.user} "${ADA.secret}"`)).toMatch(/^a OK /);
  expect(await ask(peer, 'b STATUS INBOX (MESSAGES)', 'b OK')).toContain('* STATUS "INBOX" (MESSAGES 1)');
});

test('with the authentication of the platform dead, who is known gets in where it can, and nobody is told a wrong word', async () => {
  await platform.auth.kill();
  expect(await answers(BEN)).toEqual(UNAVAILABLE);
  expect(await answers(ADA)).toEqual(IN);
  expect(await answers({ ...BEN, secret: 'wrong' })).toEqual(UNAVAILABLE);
  await platform.auth.restart();
});

test('an account is not moved while nginx may have sessions of it', async () => {
  const move = spawn(PROGRAM, ['move', ADA.user, '--to', 'new', '-c', config], { stdio: 'ignore' });
  try {
    expect(await running.event('front-door.hold-put-off', 60_000)).toMatchObject({ level: 'warn', remedy: expect.stringContaining('listen.authHttp.moves') });
  } finally {
    move.kill();
  }
  expect(await answers(ADA)).toEqual(IN);
  expect(running.events('gateway.session-opened')).toEqual([]);
  const log = JSON.stringify(running.events());
  for (const secret of [ADA.secret, BEN.secret, KEY, TOKEN]) expect(log).not.toContain(secret);
});
