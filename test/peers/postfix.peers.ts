/**
 * Debian's Postfix asks our SASL socket: what its clients are told for each verdict, over a unix socket in its chroot
 * and over TCP. The judge is scripted; that of the program is asked in `front-doors.peers.ts`.
 */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/events/clock.ts';
import { createSaslServer } from '../../src/gateway/front-doors/sasl-server.ts';
import type { Peer } from '../../src/gateway/peers.testing.ts';
import { listen } from '../../src/net/listen.ts';
import { listenOnPath } from '../../src/net/listen-path.ts';
import type { Attempt, Verdict } from '../../src/signin/verdict.ts';
import { freePorts } from '#net/free-ports.testing.ts';
import { ask, call, plain } from './lines.ts';
import { type Postfix, startPostfix } from './postfix.ts';

const VERDICTS: Readonly<Record<string, Verdict>> = {
  right: { verdict: 'accepted', accountId: 7, address: 'jane@isp.example', home: 'old' },
  wrong: { verdict: 'rejected', reason: 'secret' },
  down: { verdict: 'unavailable', reason: 'verifier-down' },
  closed: { verdict: 'unavailable', reason: 'closed' },
  locked: { verdict: 'locked', reason: 'stranger' },
};

describe.each(['unix', 'TCP'])('over %s', (kind) => {
  const folder = mkdtempSync(join(tmpdir(), 'causeway-postfix-'));
  const attempts: Attempt[] = [];
  const closers: (() => Promise<unknown> | void)[] = [];
  // Postfix has one process here: a client that stays keeps the next one out.
  const peers: Peer[] = [];
  let postfix: Postfix;

  beforeAll(async () => {
    const server = createSaslServer({
      attempt: async (attempt) => {
        attempts.push(attempt);
        return VERDICTS[attempt.secret]!;
      },
      foreignName: (login) => login.includes('*'),
      holdBack: async () => {},
      clock: systemClock,
      emit: () => {},
    });
    const { port, saslPort } = await freePorts('port', 'saslPort');
    postfix = await startPostfix(folder, port, kind === 'unix' ? 'private/causeway' : `inet:127.0.0.1:${saslPort}`);
    closers.push(() => postfix.stop());
    const options = { maxConnections: 10, onSocket: server.accept };
    const path = join(postfix.queue, 'private/causeway');
    const listening = kind === 'unix' ? await listenOnPath({ path, mode: 0o660, group: 'postfix', ...options }) : await listen({ host: '127.0.0.1', port: saslPort, ...options });
    closers.push(() => listening.close(), () => server.close());
    if (kind === 'unix') expect(statSync(path).mode & 0o777).toBe(0o660);
  });
  afterEach(() => peers.splice(0).forEach(({ socket }) => socket.destroy()));
  afterAll(async () => {
    for (const close of closers) await close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function hello(): Promise<Peer> {
    const peer = await call(postfix.port);
    peers.push(peer);
    await peer.sees('220 mx.isp.example ESMTP');
    expect(await ask(peer, 'EHLO client.example', 'CHUNKING\r\n')).toContain('250-AUTH PLAIN LOGIN\r\n');
    return peer;
  }

  const DOWN = '454 4.7.0 Temporary authentication failure: Connection lost to authentication server';

  test('accepted is 235, rejected 535, and whatever is not known 454', async () => {
    const peer = await hello();
    expect(await ask(peer, `AUTH PLAIN ${plain('jane', 'wrong')}`)).toBe('535 5.7.8 Error: authentication failed: The login name or the password is wrong.');
    // Each attempt after a 454 is the same process's, which connects again.
    for (const secret of ['down', 'locked', 'closed', 'down']) expect(await ask(peer, `AUTH PLAIN ${plain('jane', secret)}`)).toBe(DOWN);
    expect(await ask(peer, `AUTH PLAIN ${plain('jane*boss', 'right')}`)).toBe(DOWN);
    expect(await ask(peer, `AUTH PLAIN ${Buffer.from('\0jane\0p\xe4ss', 'latin1').toString('base64')}`)).toBe(DOWN);
    expect(await ask(peer, 'MAIL FROM:<jane@isp.example>')).toMatch(/^554 5\.7\.1 .*Access denied/);
    expect(await ask(peer, `AUTH PLAIN ${plain('jane', 'right')}`)).toBe('235 2.7.0 Authentication successful');
    expect(await ask(peer, 'MAIL FROM:<jane@isp.example>')).toBe('250 2.1.0 Ok');
    expect(attempts.filter(({ secret }) => secret === 'right')).toEqual([{ protocol: 'submission', login: 'jane', secret: 'right', network: '127.0.0.1' }]);
  });

  test('AUTH LOGIN, and PLAIN in two steps; a response that is none of PLAIN is 454', async () => {
    const peer = await hello();
    expect(await ask(peer, 'AUTH LOGIN')).toBe('334 VXNlcm5hbWU6');
    expect(await ask(peer, Buffer.from('jane').toString('base64'))).toBe('334 UGFzc3dvcmQ6');
    expect(await ask(peer, Buffer.from('wrong').toString('base64'))).toMatch(/^535 5\.7\.8 /);
    expect(await ask(peer, 'AUTH PLAIN')).toBe('334');
    expect(await ask(peer, Buffer.from('hello').toString('base64'))).toBe(DOWN);
    expect(await ask(peer, 'AUTH PLAIN')).toBe('334');
    expect(await ask(peer, plain('jane', 'right'))).toBe('235 2.7.0 Authentication successful');
  });

  test('nobody there is 454', async () => {
    for (const close of closers.splice(1)) await close();
    const peer = await hello();
    expect(await ask(peer, `AUTH PLAIN ${plain('jane', 'right')}`)).toMatch(/^454 4\.7\.0 Temporary authentication failure/);
  });
});
