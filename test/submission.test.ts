/**
 * Submission from the customer to the platform, with the real program: by both ports, with the platform's
 * authentication alive and dead, for accounts in each state.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { connect as connectTcp } from 'node:net';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { afterEach, expect, test } from 'vitest';
import { readRunFile } from '../src/context/data-folder.ts';
import { createPeer, type Peer } from '../src/gateway/peers.testing.ts';
import { addUsers, type PlatformProcess, startPlatformProcess } from '../src/practice/index.ts';
import { saidAtLast } from './customer.ts';
import { causeway, install, plainService, platformSettings, SENTINEL, serve } from './installation.ts';

type Customer = { readonly user: string; readonly secret: string };
const [ADA, BEN, BLOCKED, CLOSED] = ['ada', 'ben', 'blocked', 'closed'].map((name): Customer => ({ user: `${name}@isp.example`, secret: `${name}’s  password` })) as [Customer, Customer, Customer, Customer];

const cleanUps: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const each of cleanUps.splice(0).toReversed()) await each();
});

async function startPlatform(folder: string, name: string, uidValidityBase: number, xclient: boolean): Promise<PlatformProcess> {
  addUsers(folder, [ADA, BEN, BLOCKED, CLOSED, SENTINEL], { uidValidityBase });
  const platform = await startPlatformProcess({ name, folder, uidValidityBase, xclient, trustedTokenFile: join(folder, '..', 'token') });
  cleanUps.push(() => platform.close());
  return platform;
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');

async function overTls(port: number): Promise<Peer> {
  const peer = createPeer(connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false }));
  cleanUps.push(() => peer.socket.destroy());
  await peer.sees('220 causeway ESMTP ready.\r\n');
  return peer;
}

async function overStarttls(port: number): Promise<Peer> {
  const peer = createPeer(connectTcp(port, '127.0.0.1'));
  cleanUps.push(() => peer.socket.destroy());
  peer.send('EHLO laptop\r\n');
  await peer.sees('250 STARTTLS\r\n');
  peer.send('STARTTLS\r\n');
  await peer.sees('220 2.0.0 Begin TLS.\r\n');
  peer.socket.removeAllListeners('data');
  return createPeer(connectTls({ socket: peer.socket, rejectUnauthorized: false }));
}

/** @returns the reply to AUTH */
async function signIn(peer: Peer, { user, secret }: Customer): Promise<string> {
  peer.send(`EHLO laptop\r\n`);
  await peer.sees('250 AUTH PLAIN LOGIN\r\n');
  peer.send(`AUTH LOGIN ${base64(user)}\r\n${base64(secret)}\r\n`);
  await peer.sees('334 UGFzc3dvcmQ6\r\n');
  return peer.sees('\r\n');
}

/** Sends a message to Ben, signed in. */
async function send(peer: Peer, text: string): Promise<void> {
  peer.send(`MAIL FROM:<${ADA.user}> SIZE=${text.length}\r\nRCPT TO:<${BEN.user}>\r\nDATA\r\n`);
  await peer.sees('354 ');
  peer.send(`${text}.\r\nQUIT\r\n`);
  await peer.sees('\r\n250 ');
  await peer.ended();
  expect(peer.all()).toContain('\r\n221 ');
}

const inboxOf = (platformFolder: string, { user }: Customer): string[] => {
  const cur = join(platformFolder, user, 'Maildir', 'cur');
  return readdirSync(cur).map((file) => readFileSync(join(cur, file), 'latin1'));
};

test('sends; goes on with the authentication dead; tells the blocked, the closed and the unknown what is so; follows a move', async () => {
  const at = install({});
  cleanUps.push(() => at.remove());
  const [oldFolder, newFolder] = [join(at.folder, 'old'), join(at.folder, 'new')];
  const platforms = { old: await startPlatform(oldFolder, 'old', 0, false), new: await startPlatform(newFolder, 'new', 2e8, true) };
  const loopback = { host: '127.0.0.1', port: 0 };
  at.configure({
    listen: { imaps: loopback, submission: loopback, submissions: loopback },
    platforms: {
      old: platformSettings(platforms.old, ['submission']),
      new: { ...platformSettings(platforms.new), submission: { ...plainService(platforms.new.submissionPort), clientAddress: 'xclient' } },
    },
  });
  const { config } = at;
  const checked = await causeway(['check', '-c', config]);
  expect(checked.stdout).toContain(`✓ old: trusted entrance, submission: takes mail from ${SENTINEL.user}\n`);
  expect(checked.stdout).toContain(`✓ new: trusted entrance, submission: takes mail from ${SENTINEL.user}, by our word for who it is\n`);
  expect(checked.status, checked.stdout).toBe(0);

  const running = serve(config);
  cleanUps.push(() => running.stop());
  await running.event('serve.ready');
  const { submission, submissions } = readRunFile(at.data)!.ports;
  const rows = [`${ADA.user},old,,old,`, `${BEN.user},old,,old,`, `${BLOCKED.user},old,,old,send-blocked`, `${CLOSED.user},old,,old,closed`];
  const accounts = at.file('accounts.csv', `address,platform,hash,authority,state\n${rows.join('\n')}\n`);
  expect((await causeway(['account', 'import', accounts, '-c', config])).status).toBe(0);

  const first = await overTls(submissions!);
  expect(await signIn(first, ADA)).toBe('235 2.7.0 Signed in.\r\n');
  first.send('EHLO laptop\r\n');
  const keywords = await first.sees('250 SMTPUTF8\r\n');
  expect(keywords).toMatch(/^250-old\r\n250-PIPELINING\r\n/);
  expect(keywords).not.toMatch(/AUTH|STARTTLS|XCLIENT/);
  await send(first, 'Subject: one\r\n\r\n..dots\r\n...\r\nend\r\n');
  const second = await overStarttls(submission!);
  expect(await signIn(second, ADA)).toMatch(/^235 /);
  await send(second, 'Subject: two\r\n\r\ntwo\r\n');
  const bodies = inboxOf(oldFolder, BEN).map((text) => text.slice(text.indexOf('Subject:')));
  expect(bodies.toSorted()).toEqual(['Subject: one\r\n\r\n.dots\r\n..\r\nend\r\n', 'Subject: two\r\n\r\ntwo\r\n']);

  // Refusals are held back for some seconds, so they are asked for together.
  const refused = (customer: Customer): Promise<string> => overTls(submissions!).then((peer) => signIn(peer, customer));
  const inTheEnd = (say: () => Promise<string>): Promise<string> => saidAtLast(say, (said) => said.startsWith('454 4.7.0 Account is temporarily unavailable'));
  const wrong = await overTls(submissions!);
  const refusals = await Promise.all([() => signIn(wrong, { ...ADA, secret: 'wrong' }), () => refused({ ...BLOCKED, secret: 'wrong' }), () => refused(BLOCKED), () => refused(CLOSED)].map(inTheEnd));
  expect(refusals).toEqual([
    expect.stringMatching(/^535 5\.7\.8 /),
    expect.stringMatching(/^535 5\.7\.8 /),
    expect.stringMatching(/^454 4\.7\.0 Sending from this account is blocked.* Your password was not rejected\.\r\n$/),
    expect.stringMatching(/^454 4\.7\.0 This account has been closed\. Your password was not rejected\.\r\n$/),
  ]);
  expect(await signIn(wrong, ADA)).toMatch(/^235 /); // on the connection that was refused

  await platforms.old.auth.kill();
  const known = await overTls(submissions!);
  expect(await signIn(known, ADA)).toMatch(/^235 /);
  await send(known, 'Subject: three\r\n\r\nthree\r\n');
  // Of Ben nothing is held; that nobody has the other name is known without the platform.
  expect(await Promise.all([refused(BEN), refused({ user: 'nobody@isp.example', secret: 'x' })])).toEqual([
    expect.stringMatching(/^454 4\.7\.0 .*Your password was not rejected\.\r\n$/),
    expect.stringMatching(/^535 5\.7\.8 /),
  ]);
  await platforms.old.auth.restart();

  // A session that is up when its account moves goes on where it is; the next one goes to the new home.
  const staying = await overTls(submissions!);
  expect(await signIn(staying, ADA)).toMatch(/^235 /);
  const moved = await causeway(['move', ADA.user, '--to', 'new', '-c', config]);
  expect(moved.status, moved.stderr).toBe(0);
  await send(staying, 'Subject: four\r\n\r\nfour\r\n');
  const next = await overTls(submissions!);
  expect(await signIn(next, ADA)).toMatch(/^235 /);
  await send(next, 'Subject: five\r\n\r\nfive\r\n');
  expect([inboxOf(oldFolder, BEN).length, inboxOf(newFolder, BEN).map((text) => text.slice(text.indexOf('Subject:')))]).toEqual([4, ['Subject: five\r\n\r\nfive\r\n']]);
  // A worker's log may come later than the end of its session.
  await expect.poll(() => running.events('gateway.session-opened').at(-1)).toMatchObject({ platform: 'new', entrance: 'trusted' });

  // Who is blocked while it is signed in sends no more.
  const open = await overTls(submissions!);
  expect(await signIn(open, ADA)).toMatch(/^235 /);
  expect((await causeway(['account', 'send-block', ADA.user, '-c', config])).status).toBe(0);
  await open.sees('421 4.3.2 Sending from this account is blocked.\r\n');
  const xclient = readFileSync(join(newFolder, 'access.log'), 'utf8').split('\n').find((line) => line.includes('"user":"ada@isp.example"') && line.includes('"XCLIENT"'));
  expect(xclient).toMatch(/"client":"127\.0\.0\.1:\d+"/);
});
