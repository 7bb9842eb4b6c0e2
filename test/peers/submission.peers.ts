/**
 * Debian's Postfix as a platform's submission, behind Causeway: told by XCLIENT where each customer is, and who, which
 * is the sign-in of the trusted entrance; asked by AUTH with the customer's own secret. It delivers by LMTP to a practice
 * platform, whose IMAP is the authority.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { connect as connectTcp } from 'node:net';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { afterEach, expect, test } from 'vitest';
import { readRunFile } from '../../src/context/data-folder.ts';
import { systemClock } from '../../src/events/clock.ts';
import { createSaslServer } from '../../src/gateway/front-doors/sasl-server.ts';
import { createPeer, type Peer } from '../../src/gateway/peers.testing.ts';
import { listen } from '../../src/net/listen.ts';
import { addUsers, startPlatformProcess } from '../../src/practice/index.ts';
import { causeway, install, SENTINEL, serve } from '../installation.ts';
import { freePorts } from '#net/free-ports.testing.ts';
import { call, plain } from './lines.ts';
import { startPostfix } from './postfix.ts';

const ADA = { user: 'ada@isp.example', secret: 'first programmer' };
const BEN = { user: 'ben@isp.example', secret: 'second chance' };
/** Where a load balancer says that the customer is. */
const CUSTOMER = '192.0.2.7';

const cleanUps: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const each of cleanUps.splice(0).toReversed()) await each();
});

/** Postfix's own authentication server. */
async function startAuthentication(): Promise<{ port: number; stop(): Promise<void> }> {
  const server = createSaslServer({
    attempt: async ({ login, secret }) =>
      login === SENTINEL.user && secret === SENTINEL.secret ? { verdict: 'accepted', accountId: 1, address: login, home: 'old' } : { verdict: 'rejected', reason: 'secret' },
    foreignName: () => false,
    holdBack: async () => {},
    clock: systemClock,
    emit: () => {},
  });
  const listening = await listen({ host: '127.0.0.1', port: 0, maxConnections: 10, onSocket: server.accept });
  return { port: listening.port, stop: async () => void (await Promise.all([listening.close(), server.close()])) };
}

const QUEUE = (lmtp: number): { main: string; master: string; clients: number } => ({
  clients: 10,
  main: `smtpd_authorized_xclient_hosts = 127.0.0.1
smtpd_relay_restrictions = permit_sasl_authenticated, reject
virtual_mailbox_domains = isp.example
virtual_mailbox_maps = static:all
virtual_transport = lmtp:inet:127.0.0.1:${lmtp}
`,
  master: `cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
flush unix n - n 1000? 0 flush
error unix - - n - - error
retry unix - - n - - error
lmtp unix - - n - - lmtp
`,
});

/** Signed in over TLS, by way of the load balancer. */
async function signIn(port: number): Promise<Peer> {
  const raw = connectTcp(port, '127.0.0.1');
  raw.write(`PROXY TCP4 ${CUSTOMER} 127.0.0.1 54321 ${port}\r\n`);
  const peer = createPeer(connectTls({ socket: raw, rejectUnauthorized: false }));
  cleanUps.push(() => peer.socket.destroy());
  peer.send(`EHLO laptop.example\r\nAUTH PLAIN ${plain(ADA.user, ADA.secret)}\r\n`);
  await peer.sees('235 2.7.0 Signed in.\r\n');
  return peer;
}

async function send(peer: Peer, text: string): Promise<void> {
  peer.send(`MAIL FROM:<${ADA.user}> BODY=8BITMIME\r\nRCPT TO:<${BEN.user}>\r\nDATA\r\n`);
  await peer.sees('354 ');
  peer.send(`${text}.\r\nQUIT\r\n`);
  await peer.sees('\r\n250 2.0.0 Ok: queued');
  await peer.ended();
}

/** Postfix delivers in its own time, and adds headers that are missing. */
async function arrived(folder: string, text: string, log: () => string): Promise<string> {
  for (const until = performance.now() + 60_000; performance.now() < until; await new Promise((done) => setTimeout(done, 50))) {
    const found = readdirSync(folder).map((file) => readFileSync(join(folder, file), 'latin1')).find((each) => each.endsWith(text));
    if (found !== undefined) return found;
  }
  throw new Error(`no ${JSON.stringify(text)} arrived:\n${log()}`);
}

test('a customer sends through Postfix, known to it by our word alone, with every authentication dead', { timeout: 240_000 }, async () => {
  const at = install({});
  cleanUps.push(() => at.remove());
  const old = join(at.folder, 'old');
  addUsers(old, [ADA, BEN, SENTINEL]);
  const platform = await startPlatformProcess({ name: 'old', folder: old, trustedTokenFile: join(at.folder, 'token') });
  cleanUps.push(() => platform.close());
  const authentication = await startAuthentication();
  cleanUps.push(() => authentication.stop());
  const { port } = await freePorts('port');
  const postfix = await startPostfix(join(at.folder, 'postfix'), port, `inet:127.0.0.1:${authentication.port}`, QUEUE(platform.lmtpPort));
  cleanUps.push(() => postfix.stop());
  (await call(port)).socket.destroy(); // it is up

  const service = { host: '127.0.0.1', tls: 'plain', trustedNetwork: true };
  const settings = {
    instance: 'scenario',
    data: at.data,
    listen: { submissions: { host: '127.0.0.1', port: 0, proxy: { from: ['127.0.0.0/8'] } } },
    workers: { gateway: 1, mover: 1 },
    platforms: {
      old: {
        imap: { ...service, port: platform.imapPort },
        submission: { ...service, port, clientAddress: 'xclient' },
        lmtp: { host: '127.0.0.1', port: platform.lmtpPort },
        entrances: [{ kind: 'trusted', port: platform.trustedPort, passwordFile: 'token' }, { kind: 'replay' }],
        sentinel: { login: SENTINEL.user, passwordFile: 'sentinel' },
      },
    },
  };
  const config = at.file('causeway.yaml', JSON.stringify(settings));
  const checked = await causeway(['check', '-c', config]);
  expect(checked.stdout).toContain(`✓ old: trusted entrance, submission: takes mail from ${SENTINEL.user}, by our word for who it is`);
  expect(checked.stdout).toContain(`✓ old: replay entrance, submission: takes mail from ${SENTINEL.user}\n`);
  expect(checked.status, checked.stdout).toBe(0);

  const running = serve(config);
  cleanUps.push(() => running.stop());
  await running.event('serve.ready');
  const { submissions } = readRunFile(at.data)!.ports;
  const accounts = at.file('accounts.csv', `address,platform,hash,authority\n${ADA.user},old,,old\n`);
  expect((await causeway(['account', 'import', accounts, '-c', config])).status).toBe(0);

  const first = await signIn(submissions!);
  first.send('XCLIENT LOGIN=ben@isp.example\r\nEHLO laptop.example\r\n');
  expect(await first.sees('250 ')).toMatch(/^550 5\.7\.0 .*\r\n250-mx\.isp\.example\r\n/);
  expect(first.all()).not.toMatch(/^250[- ](?:XCLIENT|CHUNKING|STARTTLS)/m);
  await send(first, 'Subject: one\r\n\r\n..dots\r\n');
  const inbox = join(old, BEN.user, 'Maildir', 'cur');
  const one = await arrived(inbox, '\r\n\r\n.dots\r\n', postfix.log);
  // Where Postfix thinks that it comes from.
  expect(one).toMatch(/Received: from laptop\.example \(unknown \[192\.0\.2\.7\]\)/);
  expect(postfix.log()).toMatch(/client=unknown\[192\.0\.2\.7\], sasl_method=XCLIENT, sasl_username=ada@isp\.example/);

  await Promise.all([platform.auth.kill(), authentication.stop()]);
  await send(await signIn(submissions!), 'Subject: two\r\n\r\ntwo\r\n');
  await arrived(inbox, '\r\n\r\ntwo\r\n', postfix.log);
  expect(running.events('gateway.entrance-failed')).toEqual([]);
});
