import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { sql } from 'kysely';
import { systemClock } from '#events/clock.ts';
import { silent } from '#events/index.ts';
import { CausewayError } from '#errors/index.ts';
import type { TestStore } from '#store/testing.ts';
import { renameAccount } from '../naming.ts';
import { readEntries } from '../read-entries.ts';
import { changeSecret } from '../secrets/change.ts';
import { handBack } from '../secrets/authority.ts';
import type { PlatformFacts } from '../secrets/facts.ts';
import { askForChange } from '../secrets/unconfirmed.ts';
import { lockStanding } from '../secrets/change.ts';
import { changeState } from '../states.ts';
import { addAccount, openDirectoryStore, until } from '../testing.ts';
import { claimRows, finishRow, postponeRow, readUntold } from './claim.ts';
import { startProvisioner } from './provisioner.ts';
import { createCommandPush } from './push-command.ts';
import { createHttpPush } from './push-http.ts';
import type { Message, Push } from './push.ts';
import { createSeal } from './seal.ts';

let fixture: TestStore;
beforeAll(async () => void (fixture = await openDirectoryStore()));
afterAll(() => fixture.close());
const closers: (() => Promise<unknown> | void)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
  await sql`update outbox set done_at = now() where done_at is null`.execute(fixture.store.db());
});

const by = { actor: 'test' };
const seal = createSeal(Buffer.alloc(32, 7));
const facts: PlatformFacts = { names: ['old', 'new'], told: new Map([['old', 'hash'], ['new', 'clear']]), opens: new Set(['old', 'new']) };
const change = (id: number, text: string) =>
  fixture.store.transaction((tx) => changeSecret(tx, id, { encoded: `{ARGON2ID}$${text}`, origin: 'ours', sealed: seal.seal(id, text) }, { by, facts, act: 'account.secret-changed' }));
const provision = (pushes: Record<string, Push>) => {
  const provisioner = startProvisioner({ store: fixture.store, pushes: new Map(Object.entries(pushes)), seal, clock: systemClock, emit: silent });
  closers.push(() => provisioner.stop());
};
const untold = async (id: number) => (await readUntold(fixture.store, id)).length;

describe('rows', () => {
  test('of one account and platform are handed out one after the other, to one at a time', async () => {
    const [id, other] = [await addAccount(fixture.store), await addAccount(fixture.store)];
    await change(id, 'one');
    await change(id, 'two');
    await change(other, 'three');
    const taken = (await Promise.all([claimRows(fixture.store, ['old'], 10), claimRows(fixture.store, ['old'], 10)])).flat();
    expect(taken.map(({ accountId, detail }) => [accountId, detail['version']]).toSorted()).toEqual([[id, 2], [other, 2]].toSorted());
    expect(await claimRows(fixture.store, ['old'], 10)).toEqual([]);
    const first = taken.find(({ accountId }) => accountId === id)!;
    expect(await postponeRow(fixture.store, first, 'down')).toBe('postponed');
    expect(await claimRows(fixture.store, ['old'], 10)).toEqual([]);
    await fixture.store.transaction((tx) => finishRow(tx, first));
    expect((await claimRows(fixture.store, ['old'], 10)).map(({ detail }) => detail['version'])).toEqual([3]);
  });
});

describe('the provisioner', () => {
  test('tells each platform in its form, in order, until it has taken it; the sealed secret is gone then', async () => {
    const told: { platform: string; message: Message }[] = [];
    let failures = 2;
    const take = (platform: string): Push => async (message) => {
      if (platform === 'new' && failures > 0) {
        failures -= 1;
        throw new CausewayError('unavailable', 'down');
      }
      told.push({ platform, message });
      return { answer: 'done' };
    };
    const id = await addAccount(fixture.store, { address: 'told@example.org' });
    await change(id, 'one');
    await fixture.store.transaction((tx) => changeState(tx, id, 'suspended', { by, facts }));
    await fixture.store.transaction((tx) => changeState(tx, id, 'active', { by, facts }));
    provision({ old: take('old'), new: take('new') });
    await until(async () => (await untold(id)) === 0, undefined, 20_000);
    const account = { id, address: 'told@example.org', login: 'told@example.org' };
    expect(told.filter(({ platform }) => platform === 'old').map(({ message }) => message)).toEqual([
      { id: expect.any(Number), act: 'secret', account, hash: '{ARGON2ID}$one', version: 2 },
      { id: expect.any(Number), act: 'state', account, address: 'told@example.org', state: 'suspended' },
      { id: expect.any(Number), act: 'state', account, address: 'told@example.org', state: 'active' },
    ]);
    expect(told.filter(({ platform }) => platform === 'new').map(({ message }) => [message.act, message['password'] ?? message['state'], message['hash']])).toEqual([['secret', 'one', undefined], ['state', 'suspended', undefined], ['state', 'active', undefined]]);
    const { rows } = await sql`select from outbox where account_id = ${id} and sealed is not null`.execute(fixture.store.db());
    expect(rows).toEqual([]);
    // Both have the present secret, so the authority may go back.
    expect((await fixture.store.transaction((tx) => handBack(tx, [id], 'new', { by, facts }))).done).toEqual([id]);
  });

  test('one platform that hangs holds up nobody else’s', async () => {
    const id = await addAccount(fixture.store);
    await change(id, 'one');
    provision({ old: async () => ({ answer: 'done' }), new: () => new Promise((_resolve, reject) => closers.push(() => reject(new Error('over')))) });
    await until(async () => (await readUntold(fixture.store, id)).every(({ platform }) => platform === 'new'));
    expect(await untold(id)).toBe(1);
  });

  test('what a platform knows the account by changes when it says so, and only then', async () => {
    const id = await addAccount(fixture.store, { address: 'maiden@example.org' });
    await fixture.store.transaction((tx) => renameAccount(tx, id, 'married@example.org', { by, facts }));
    provision({ old: async (message) => ({ answer: 'done', login: String(message['address']) }), new: async () => ({ answer: 'done' }) });
    await until(async () => (await untold(id)) === 0);
    expect((await readEntries(fixture.store, [id]))[0]!.account.platformLogins).toEqual({ old: 'married@example.org', new: 'maiden@example.org' });
  });

  test('a change that only the platform could make counts once it has confirmed, and is given up in time', async () => {
    const ask = (id: number, text: string) =>
      fixture.store.transaction(async (tx) => askForChange(tx, id, await lockStanding(tx, id), { encoded: `{ARGON2ID}$${text}`, origin: 'ours' }, { by, form: 'hash' }));
    const id = await addAccount(fixture.store, { hash: { encoded: '{X}before', origin: 'captured' } });
    await ask(id, 'new');
    expect((await readEntries(fixture.store, [id]))[0]!.account).toMatchObject({ credentialVersion: 1, hash: { encoded: '{X}before' } });
    provision({ old: async (message) => (message['confirm'] === undefined ? { answer: 'done' } : { answer: 'absent' }) });
    await until(async () => (await untold(id)) === 0);
    expect((await readEntries(fixture.store, [id]))[0]!.account).toMatchObject({ authority: 'old', credentialVersion: 2, hash: { encoded: '{ARGON2ID}$new', origin: 'captured' }, former: ['{X}before'] });
    await closers.pop()!();
    await ask(id, 'never');
    await sql`update outbox set at = now() - interval '16 minutes' where account_id = ${id}`.execute(fixture.store.db());
    provision({ old: async () => Promise.reject(new CausewayError('unavailable', 'down')) });
    await until(async () => (await untold(id)) === 0);
    expect((await readEntries(fixture.store, [id]))[0]!.account).toMatchObject({ credentialVersion: 2, hash: { encoded: '{ARGON2ID}$new' } });
  });
});

const MESSAGE: Message = { id: 7, act: 'state', account: { id: 1, address: 'a@b.c', login: 'a@b.c' }, state: 'closed' };
const { signal } = new AbortController();

describe('a hook by HTTP', () => {
  const hook = async (answer: (body: unknown, headers: Record<string, unknown>) => { status: number; body?: string; location?: string }): Promise<string> => {
    const server: Server = createServer((request, response) => {
      let text = '';
      request.on('data', (chunk) => (text += chunk));
      request.on('end', () => {
        const { status, body, location } = answer(JSON.parse(text), request.headers);
        response.writeHead(status, location === undefined ? {} : { location }).end(body ?? '');
      });
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    closers.push(() => void server.close());
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
  };

  test('gets the message, its number and the token', async () => {
    let seen: unknown;
    const url = await hook((body, headers) => {
      seen = [body, headers['authorization'], headers['idempotency-key']];
      return { status: 200, body: '{"login":"c@d.e"}' };
    });
    expect(await createHttpPush({ url, token: { reveal: () => 's3' } })(MESSAGE, signal)).toEqual({ answer: 'done', login: 'c@d.e' });
    expect(seen).toEqual([MESSAGE, 'Bearer s3', 'causeway-7']);
  });

  test.each([[204, 'done'], [404, 'absent'], [410, 'absent'], [302, undefined], [400, undefined], [500, undefined]])('%d: %s', async (status, answer) => {
    const push = createHttpPush({ url: await hook(() => ({ status, location: 'http://127.0.0.1:9/elsewhere' })) });
    if (answer === undefined) await expect(push(MESSAGE, signal)).rejects.toMatchObject({ code: 'unavailable' });
    else expect((await push(MESSAGE, signal)).answer).toBe(answer);
  });

  test('nobody there, an endless answer, no JSON, a login that is none', async () => {
    await expect(createHttpPush({ url: 'http://127.0.0.1:9/' })(MESSAGE, signal)).rejects.toMatchObject({ code: 'unavailable' });
    await expect(createHttpPush({ url: await hook(() => ({ status: 200, body: 'x'.repeat(100_000) })) })(MESSAGE, signal)).rejects.toMatchObject({ code: 'unavailable' });
    expect(await createHttpPush({ url: await hook(() => ({ status: 200, body: '{"login":"a b\\r\\n"}' })) })(MESSAGE, signal)).toEqual({ answer: 'done', login: undefined });
  });
});

describe('a hook by a program', () => {
  const script = (text: string) => {
    const folder = mkdtempSync(join(tmpdir(), 'causeway-hook-'));
    closers.push(() => rmSync(folder, { recursive: true }));
    const program = join(folder, 'hook');
    writeFileSync(program, `#!/bin/sh\n${text}\n`, { mode: 0o700 });
    return createCommandPush({ program, args: ['--for', 'old'] });
  };

  test('gets the message on its standard input, and its exit status is the answer', async () => {
    expect(await script(`grep -q '"state":"closed"' && [ "$1 $2" = "--for old" ] && echo '{"login":"x@y.z"}'`)(MESSAGE, signal)).toEqual({ answer: 'done', login: 'x@y.z' });
    expect(await script('exit 67')(MESSAGE, signal)).toEqual({ answer: 'absent' });
    await expect(script('echo secrets >&2; exit 1')(MESSAGE, signal)).rejects.toMatchObject({ code: 'unavailable', message: 'exit status 1' });
    await expect(createCommandPush({ program: '/nonexistent/hook', args: [] })(MESSAGE, signal)).rejects.toMatchObject({ code: 'unavailable' });
  });

  test('one that hangs is ended', async () => {
    await expect(script('exec sleep 60')(MESSAGE, AbortSignal.timeout(200))).rejects.toMatchObject({ code: 'unavailable' });
  });
});
