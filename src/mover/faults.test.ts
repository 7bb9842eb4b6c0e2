import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemClock } from '#events/clock.ts';
import { acknowledge } from '#directory/route/acknowledgements.ts';
import { joinInstance, leaveInstance } from '#directory/route/instances.ts';
import type { Answer } from '#directory/route/route.ts';
import { releaseClaims } from './claim.ts';
import { readMoves } from './read.ts';
import { runRound } from './round.ts';
import { cancelMove } from './request.ts';
import type { SeedMessage } from '#practice/index.ts';
import { mail, openBench } from './testing.ts';
import type { Bench } from './testing.ts';

let bench: Bench;
const adoptions: number[] = [];
beforeAll(async () => {
  bench = await openBench({
    emit: ({ name }, fields) => void (name === 'mover.orphans-settled' && adoptions.push(Number(fields['adopted']))),
  });
});
afterAll(() => bench.close());

type Relay = {
  readonly port: number;
  /** Cuts a connection after this many bytes of it, in both directions together; taken anew for each connection. */
  cutAfter: () => number;
  /** Lets nothing through, in neither direction. */
  stall(on: boolean): void;
  close(): Promise<void>;
};

/** A TCP relay with faults. It passes on what came before the cut, and then nothing, not even an end. */
async function openRelay(toPort: () => number): Promise<Relay> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((client) => {
    const upstream = connect(toPort(), '127.0.0.1');
    let left = relay.cutAfter();
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
      const other = socket === client ? upstream : client;
      socket.on('data', (chunk: Buffer) => {
        const passed = chunk.subarray(0, left);
        left -= passed.length;
        other.write(passed);
        if (left > 0) return;
        // The server gets all of what it was sent, but its answer is lost.
        client.destroy();
        setImmediate(() => upstream.destroy());
      });
    }
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const relay: Relay = {
    port: (server.address() as AddressInfo).port,
    cutAfter: () => Infinity,
    stall(on) {
      for (const socket of sockets) socket[on ? 'pause' : 'resume']();
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => void server.close(resolve));
    },
  };
  return relay;
}

/** A small generator with a seed, so that a failure can be repeated. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return state / 2 ** 32;
  };
}

test.for(Array.from({ length: Number(process.env['SEEDS'] ?? 6) }, (_, n) => n + 1))('connections cut at random bytes lose and double nothing (seed %i)', async (seed) => {
  const next = random(seed);
  const address = `cut${seed}@example.org`;
  const same = mail('the same', { size: 500 });
  const some = (name: string, length: number): SeedMessage[] => Array.from({ length }, (_, n) => (n % 7 === 0 ? same : mail(`${name} ${n}`, { size: Math.floor(next() * 4_000), flags: n % 3 ? [] : ['\\Seen'] })));
  // Each mailbox's messages go in one command, whose answer may be lost.
  const account = await bench.account(address, { INBOX: some('message', 60), Box: [same, same, mail('other')], Sent: some('sent', 20), Drafts: some('draft', 20), Trash: some('trash', 20) });
  const relay = await openRelay(() => bench.platform('new').trustedPort);
  try {
    let cuts = 0;
    relay.cutAfter = () => ((cuts += 1) <= 24 ? 200 + Math.floor(next() ** 2 * 60_000) : Infinity);
    const move = await bench.drive(await bench.request(account), { platforms: bench.platforms(relay.port) });
    expect(move).toMatchObject({ state: 'moved' });
    expect(sorted(await bench.contents('new', address))).toEqual(sorted(await bench.contents('old', address)));
  } finally {
    await relay.close();
  }
});

test('the cuts did lose answers of messages that were stored', () => {
  expect(adoptions.filter((adopted) => adopted > 0).length).toBeGreaterThan(5);
});

test('a stalled worker writes nothing after another has taken over', async () => {
  const address = 'stalled@example.org';
  const account = await bench.account(address, { INBOX: Array.from({ length: 300 }, (_, n) => mail(`m${n}`, { size: 5_000 })) });
  const moveId = await bench.request(account);
  const relay = await openRelay(() => bench.platform('new').trustedPort);
  // Half a minute passes by both clocks, without anybody waiting for it: a claim of 600 ms was lost to a machine that stood still.
  const times = { takeOverMs: 20_000, commandMs: 300 };
  let passed = 0;
  try {
    const first = bench.claims('first', { ...systemClock, monotonic: () => systemClock.monotonic() + passed }, times);
    const claim = (await first.claim(moveId))!;
    let appended = 0;
    const stalled = runRound(claim, bench.options({ platforms: bench.platforms(relay.port), commandMs: 60_000 }));
    // Once some messages are there it hangs, and renews no more.
    while ((appended = await copied(moveId)) === 0) await systemClock.sleep(2);
    relay.stall(true);

    const second = bench.claims('second', systemClock, times);
    expect(await second.claim(moveId)).toBeUndefined();
    passed = 30_000;
    await sql`update move set owner_until = owner_until - interval '30 s' where id = ${moveId}`.execute(bench.store.db());
    const taken = (await second.claim(moveId))!;
    relay.stall(false);
    const renewing = setInterval(() => void second.renew(), 100);
    expect(await runRound(taken, bench.options())).toBe('done');
    clearInterval(renewing);
    await stalled;
    expect(() => claim.fence()).toThrow(/taken over|renewed/);
    await expect(claim.transaction(async () => {})).rejects.toThrow(/taken over/);
    expect(appended).toBeGreaterThan(0);
    expect(await readMoves(bench.store, [moveId])).toMatchObject([{ state: 'moved' }]);
    expect(await bench.contents('new', address)).toEqual(await bench.contents('old', address));
  } finally {
    await relay.close();
  }
});

test('the moves of a worker whose exit was seen are free at once, with a pause before a hold', async () => {
  const account = await bench.account('gone@example.org', { INBOX: [mail('one')] });
  const moveId = await bench.request(account);
  const dead = bench.claims('dead');
  expect(await dead.claim(moveId)).toBeDefined();
  const other = bench.claims('other', systemClock, { stragglerMs: 60_000 });
  expect(await other.claim(moveId)).toBeUndefined();
  expect(await bench.store.transaction((tx) => releaseClaims(tx, ['dead']))).toBe(1);
  const claim = (await other.claim(moveId))!;
  expect(claim.row.hold_after.getTime()).toBeGreaterThan(Date.now() + 30_000);
  expect(await runRound(claim, bench.options())).toMatchObject({ afterMs: expect.any(Number) });
  expect(await bench.home(account)).toMatchObject({ home: 'old', phase: 'following' });
});

test('a target that is away is waited for; one that is restarted in the middle is gone on with', async () => {
  const address = 'restart@example.org';
  const account = await bench.account(address, { INBOX: Array.from({ length: 50 }, (_, n) => mail(`m${n}`)) });
  const moveId = await bench.request(account);
  const away = await bench.drive(moveId, { platforms: bench.without('new'), most: 2 });
  expect(away).toMatchObject({ state: 'copying', attempt: 2 });
  const claim = (await (async () => {
    await sql`update move set next_at = now() where id = ${moveId}`.execute(bench.store.db());
    return bench.claims().claim(moveId);
  })())!;
  const round = runRound(claim, bench.options());
  await systemClock.sleep(30);
  await bench.restart('new');
  await round;
  expect(await bench.drive(moveId)).toMatchObject({ state: 'moved', attempt: 0 });
  expect(await bench.contents('new', address)).toEqual(await bench.contents('old', address));
});

/** By the store's clock: a hold's rounds wait a minute longer, for an instance on a machine that stands still. */
const waitLonger = async (on: boolean): Promise<void> => {
  await sql.raw(on ? `
    create function wait_longer() returns trigger language plpgsql as $$ begin
      new.hold_deadline = new.hold_deadline + interval '1 minute';
      new.round_deadline = new.round_deadline + interval '1 minute';
      return new;
    end $$;
    create trigger wait_longer before update on route for each row when (new.phase = 'held') execute function wait_longer()` : 'drop function if exists wait_longer cascade').execute(bench.store.db());
};

test('a hold needs every listed instance: busy and silent ones put it off, a cut goes through', async () => {
  const address = 'held@example.org';
  const account = await bench.account(address, { INBOX: [mail('one')] });
  const instance = { instance: 'mx1', boot: 'boot-1' };
  await bench.store.transaction((tx) => joinInstance(tx, instance.instance, instance.boot));
  const ended: string[] = [];
  const options = { emit: (({ name }: { name: string }, fields: Record<string, unknown>) => void (name === 'mover.hold' && ended.push(String(fields['outcome'])))) as never };
  let freeze = 'busy' as Answer | 'silent';
  const finished = new AbortController();
  const answering = (async () => {
    while (!finished.signal.aborted) {
      const { rows } = await sql<{ epoch: number; stage: 'freeze' | 'cut' }>`
        select epoch, stage from route where account_id = ${account} and phase = 'held'`.execute(bench.store.db());
      const [round] = rows;
      if (round !== undefined && freeze !== 'silent') {
        const answer: Answer = round.stage === 'cut' ? 'cut' : freeze;
        await bench.store.transaction((tx) => acknowledge(tx, instance, { accountId: account, ...round }, answer));
      }
      await systemClock.sleep(5);
    }
  })();
  try {
    const moveId = await bench.request(account);
    // And by the mover's.
    const patient = { ...options, clock: { ...systemClock, monotonic: () => systemClock.monotonic() / 30 } };
    await waitLonger(true);
    const busy = await bench.drive(moveId, { ...patient, most: 2 });
    expect(busy).toMatchObject({ state: 'following', backedOut: 2, error: null });
    freeze = 'silent';
    await waitLonger(false);
    await bench.drive(moveId, { ...options, most: 1 });
    freeze = 'quiet';
    await waitLonger(true);
    expect(await bench.drive(moveId, patient)).toMatchObject({ state: 'moved', backedOut: 3 });
    expect(ended).toEqual(['busy', 'busy', 'silent', 'flipped']);
    expect(await bench.home(account)).toMatchObject({ home: 'new', phase: 'settled', epoch: 4 });
  } finally {
    finished.abort();
    await answering;
    await waitLonger(false);
    await bench.store.transaction((tx) => leaveInstance(tx, instance.instance, instance.boot));
  }
});

test('a hold that its owner left behind is backed out by the next', async () => {
  const account = await bench.account('left@example.org', { INBOX: [mail('one')] });
  const moveId = await bench.request(account);
  await bench.drive(moveId, { most: 1, mayGoOn: once() });
  await sql`update route set phase = 'held', stage = 'freeze', epoch = epoch + 1, hold_deadline = now() + interval '8 s',
    round_deadline = now() + interval '2 s' where account_id = ${account}`.execute(bench.store.db());
  await sql`update move set state = 'held', epoch = 1 where id = ${moveId}`.execute(bench.store.db());
  expect(await bench.drive(moveId)).toMatchObject({ state: 'moved', backedOut: 1 });
});

test('a move can be called off, also under a worker’s hands', async () => {
  const account = await bench.account('off@example.org', { INBOX: Array.from({ length: 200 }, (_, n) => mail(`m${n}`)) });
  const moveId = await bench.request(account);
  const claim = (await bench.claims().claim(moveId))!;
  const round = runRound(claim, bench.options());
  while ((await bench.home(account)).phase !== 'copying') await systemClock.sleep(2);
  await bench.store.transaction((tx) => cancelMove(tx, moveId, { actor: 'test' }));
  expect(await round).toBe('done');
  expect(await readMoves(bench.store, [moveId])).toMatchObject([{ state: 'cancelled' }]);
  expect(await bench.home(account)).toMatchObject({ home: 'old', phase: 'settled' });
  expect(await bench.drive(await bench.request(account))).toMatchObject({ state: 'moved' });
  await expect(bench.request(account)).rejects.toThrow(/already lives at new/);
});

/** A wave that is paused after the move has begun. */
function once(): () => Promise<boolean> {
  let asked = 0;
  return async () => (asked += 1) === 1;
}

async function copied(moveId: number): Promise<number> {
  const { rows } = await sql<{ n: number }>`select copied_messages as n from move where id = ${moveId}`.execute(bench.store.db());
  return rows[0]?.n ?? 0;
}

function sorted(contents: Record<string, string[]>): Record<string, string[]> {
  return Object.fromEntries(Object.entries(contents).map(([name, messages]) => [name, [...messages].sort()]));
}
