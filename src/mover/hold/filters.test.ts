/** Sieve scripts over a move between two practice platforms, as ManageSieve and the disk tell of them. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createSecret } from '#config/index.ts';
import { openScripts } from '#practice/sieve/scripts.ts';
import type { MoverPlatform } from '../access.ts';
import { lastReceipt } from '../read.ts';
import { mail, openBench } from '../testing.ts';
import type { Bench, SideName } from '../testing.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());

function withSieve(): Record<string, MoverPlatform> {
  const platforms = bench.platforms();
  const at = (side: SideName): MoverPlatform => ({
    ...platforms[side]!,
    sieve: { host: '127.0.0.1', port: bench.platform(side).sievePort, tls: 'plain', trustedNetwork: true },
    entrances: [{ kind: 'trusted', port: bench.platform(side).trustedPort, sievePort: bench.platform(side).sieveTrustedPort, secret: createSecret('bench-token') }],
  });
  return { old: at('old'), new: at('new') };
}

const scriptsAt = (side: SideName, address: string) => openScripts(join(bench.folders[side], address, 'sieve'));
function held(side: SideName, address: string): Record<string, string> & { active?: never } {
  const scripts = scriptsAt(side, address);
  return Object.fromEntries(scripts.names().map((name) => [name === scripts.active() ? `${name} (active)` : name, scripts.read(name).toString('latin1')]));
}

const VACATION = Buffer.from('require "vacation";\r\nvacation "Grüße, bin weg";\n');
const LONG = Buffer.from(`# ${'x'.repeat(100_000)}\r\nkeep;\r\n`);

test('scripts and the active one are carried over; those of the target are gone; the receipt names them', async () => {
  const address = 'sieve@example.org';
  const account = await bench.account(address, { INBOX: [mail('one')] });
  const old = scriptsAt('old', address);
  old.write('Büro "1"', VACATION);
  old.write('long', LONG);
  old.write('empty', Buffer.alloc(0));
  old.activate('Büro "1"');
  const before = scriptsAt('new', address);
  before.write('left behind', Buffer.from('discard;'));
  before.write('long', Buffer.from('keep;'));
  before.activate('left behind');

  const move = await bench.drive(await bench.request(account), { platforms: withSieve() });
  expect(move).toMatchObject({ state: 'moved', error: null });
  expect(held('new', address)).toEqual(held('old', address));
  expect(Object.keys(held('new', address))).toHaveLength(3);
  const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
  expect(JSON.parse((await lastReceipt(bench.store, account))!.body)).toMatchObject({
    filters: [
      { name: 'Büro "1"', active: true, sha256: sha256(VACATION) },
      { name: 'empty', active: false, sha256: sha256(Buffer.alloc(0)) },
      { name: 'long', active: false, sha256: sha256(LONG) },
    ],
  });
});

test('what changed last is carried over in the hold; without an active script none is', async () => {
  const address = 'late@example.org';
  const account = await bench.account(address, { INBOX: [mail('one')] });
  scriptsAt('old', address).write('a', Buffer.from('keep;'));
  scriptsAt('old', address).activate('a');
  const id = await bench.request(account);
  // Before the hold, and in it, each side's service is looked up twice.
  let lookUps = 0;
  const platforms = withSieve();
  const { sieve } = platforms['old']!;
  Object.defineProperty(platforms['old'], 'sieve', {
    get() {
      lookUps += 1;
      if (lookUps === 3) {
        expect(held('new', address)).toEqual({ 'a (active)': 'keep;' });
        scriptsAt('old', address).activate(undefined);
        scriptsAt('old', address).write('a', Buffer.from('discard;'));
      }
      return sieve;
    },
  });
  const move = await bench.drive(id, { platforms });
  expect(lookUps).toBe(4);
  expect(move).toMatchObject({ state: 'moved' });
  expect(held('new', address)).toEqual({ a: 'discard;' });
});

test('a script that the target refuses: the account stays, is never held, and says why', async () => {
  const address = 'refused@example.org';
  const account = await bench.account(address, { INBOX: [mail('one')] });
  scriptsAt('old', address).write('home made', Buffer.from('fileinto "x"'));
  const move = await bench.drive(await bench.request(account), { platforms: withSieve() });
  expect(move).toMatchObject({ state: 'failed', failure: 'filters', backedOut: 0 });
  expect(move.error).toContain('the target refuses the script "home made": PUTSCRIPT: NO A semicolon is missing at the end.');
  expect(await bench.home(account)).toMatchObject({ home: 'old', phase: 'settled', epoch: 0 });
});
