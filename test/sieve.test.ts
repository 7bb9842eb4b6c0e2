/**
 * ManageSieve from the customer to the platform and back, with the real program: after STARTTLS, with the platform's
 * authentication alive and dead, over a move that cuts an open session.
 */
import { readFileSync } from 'node:fs';
import { connect as connectTcp } from 'node:net';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { afterEach, expect, test } from 'vitest';
import { readRunFile } from '../src/context/data-folder.ts';
import { createPeer, type Peer } from '../src/gateway/peers.testing.ts';
import { encodePlain } from '../src/wire/sasl.ts';
import { saidAtLast } from './customer.ts';
import { causeway, SENTINEL, serve } from './installation.ts';
import { installTwoPlatforms } from './two-platforms.ts';

const ADA = { user: 'ada@isp.example', secret: 'first  programmer' };
const BEN = { user: 'ben@isp.example', secret: 'second chance' };
const SCRIPT = 'require "fileinto";\r\nfileinto "Old";\r\n';

const cleanUps: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const each of cleanUps.splice(0).toReversed()) await each();
});

/** Over TLS, greeted, and its sign-in sent with what follows it. */
async function session(port: number, { user, secret }: { user: string; secret: string }, ...commands: string[]): Promise<Peer> {
  const outside = createPeer(connectTcp(port, '127.0.0.1'));
  cleanUps.push(() => outside.socket.destroy());
  await outside.sees('OK "ManageSieve ready."\r\n');
  outside.send('STARTTLS\r\n');
  await outside.sees('OK "Begin TLS."\r\n');
  outside.socket.removeAllListeners('data');
  const peer = createPeer(connectTls({ socket: outside.socket, rejectUnauthorized: false }));
  await peer.sees('OK "TLS is in use."\r\n');
  peer.send([`AUTHENTICATE "PLAIN" "${encodePlain({ authcid: user, secret })}"`, ...commands, ''].join('\r\n'));
  return peer;
}

/** All of a session, to its end. */
async function all(...[port, who, ...commands]: Parameters<typeof session>): Promise<string> {
  const peer = await session(port, who, ...commands, 'LOGOUT');
  await peer.ended();
  return peer.all();
}

test('signs in and keeps scripts; goes on with the authentication dead; is cut by a move and follows it', async () => {
  const { at, ...platforms } = await installTwoPlatforms({ people: [ADA, BEN], services: ['sieve'], listen: ['imaps', 'sieve'] }, cleanUps);
  const { config } = at;
  const checked = await causeway(['check', '-c', config]);
  expect(checked.stdout).toContain('✓ old: ManageSieve: greets, with PLAIN');
  expect(checked.stdout).toContain(`✓ old: trusted entrance, ManageSieve: lists ${SENTINEL.user}'s scripts (0)`);
  expect(checked.status, checked.stdout).toBe(0);

  const running = serve(config);
  cleanUps.push(() => running.stop());
  await running.event('serve.ready');
  const sieve = readRunFile(at.data)!.ports.sieve!;
  const accounts = at.file('accounts.csv', `address,platform,hash,authority\n${ADA.user},old,,old\n${BEN.user},old,,old\n`);
  expect((await causeway(['account', 'import', accounts, '-c', config])).status).toBe(0);

  const first = await all(sieve, ADA, 'CAPABILITY', `PUTSCRIPT "main" {${SCRIPT.length}+}`, SCRIPT, 'SETACTIVE "main"', 'GETSCRIPT "main"', 'PUTSCRIPT "bad" "keep"');
  expect(first).toContain('OK "Signed in."\r\n"IMPLEMENTATION" "Practice old"\r\n');
  expect(first).toContain(`OK "Stored."\r\nOK "Done."\r\n{${SCRIPT.length}}\r\n${SCRIPT}\r\nOK "Here it is."\r\nNO "A semicolon is missing at the end."\r\nOK "Goodbye."\r\n`);
  expect(readFileSync(join(at.folder, 'old', ADA.user, 'sieve', 'active'), 'latin1')).toBe(SCRIPT);
  expect(await saidAtLast(() => all(sieve, { ...ADA, secret: 'wrong' }), (said) => said.includes('NO (TRYLATER) '))).toMatch(/\r\nNO "Authentication failed: /);

  await platforms.old.auth.kill();
  expect(await all(sieve, ADA, 'LISTSCRIPTS')).toContain('OK "Signed in."\r\n"main" ACTIVE\r\n');
  expect(await all(sieve, BEN)).toMatch(/\r\nNO \(TRYLATER\) "Account is temporarily unavailable.*Your password was not rejected\."\r\nOK/);
  await platforms.old.auth.restart();

  const open = await session(sieve, ADA);
  await open.sees('OK "Signed in."\r\n');
  const moved = await causeway(['move', ADA.user, '--to', 'new', '-c', config]);
  expect(moved.status, moved.stderr).toBe(0);
  await open.sees('BYE (TRYLATER) "This connection is over. Please connect again."\r\n');
  expect(await all(sieve, ADA, 'CAPABILITY')).toContain('OK "Signed in."\r\n"IMPLEMENTATION" "Practice new"\r\n');
  expect(await all(sieve, ADA, 'LISTSCRIPTS', 'GETSCRIPT "main"')).toContain(`"main" ACTIVE\r\nOK "That is all."\r\n{${SCRIPT.length}}\r\n${SCRIPT}\r\n`);
});
