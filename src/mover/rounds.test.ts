/** Rounds over a followed account: what is asked for, and that both sides hold the same after it. */
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ImapConnection } from '#imap/connection.ts';
import type { Vice } from '#practice/index.ts';
import type { MoverPlatform } from './access.ts';
import { commands, listen } from './listening.testing.ts';
import type { SideName, Bench } from './testing.ts';
import { mail, openBench } from './testing.ts';

const WHOLE = 'UID FETCH 1:* (UID FLAGS INTERNALDATE RFC822.SIZE)';
const heard: string[] = [];
const vices = { old: new Set<Vice>(), new: new Set<Vice>() };

function openWith(condstore: boolean): Promise<Bench> {
  return openBench({ old: { condstore, vices: vices.old }, new: { condstore, vices: vices.new }, emit: (event) => void heard.push(event.name) });
}

/** An account that is followed, and no hold is tried until `settle`. */
async function follow(bench: Bench, address: string) {
  const account = await bench.account(address, { INBOX: Array.from({ length: 20 }, (_, n) => mail(`message ${n}`)), Sent: [mail('sent')] });
  const id = await bench.request(account);
  const [old, fresh] = [await listen(bench.platform('old').trustedPort), await listen(bench.platform('new').trustedPort)];
  const at = (platform: MoverPlatform, { port }: { port: number }): MoverPlatform => ({ ...platform, imap: { ...platform.imap, port } });
  const all = bench.platforms();
  const platforms = { old: at(all['old']!, old), new: at(all['new']!, fresh) };
  // Asked before the copying and before a hold.
  let asked = 0;
  const more = { platforms, mayGoOn: async () => (asked += 1) === 1 };
  const round = async () => {
    const moved = await bench.drive(id, { ...more, most: 1 });
    await Promise.all([old.left(), fresh.left()]);
    return moved;
  };
  const clients: Partial<Record<SideName, ImapConnection>> = {};
  await round();
  await round();
  old.said.length = 0;
  fresh.said.length = 0;
  return {
    old,
    new: fresh,
    round,
    /** @param before what customers do right before the hold */
    settle: (before?: () => Promise<void>) => bench.drive(id, { platforms, mayGoOn: async () => (await before?.(), true) }),
    async client(side: SideName): Promise<ImapConnection> {
      const client = (clients[side] ??= await bench.client(side, address));
      await client.select('INBOX');
      return client;
    },
    /** In any order: a copy that was expunged at the target is its last. */
    async same(): Promise<boolean> {
      const held = async (side: SideName) => Object.entries(await bench.contents(side, address)).map(([name, lines]) => [name, lines.toSorted()]);
      expect(await held('new')).toEqual(await held('old'));
      return true;
    },
    async end() {
      for (const client of Object.values(clients)) await client.logout();
      old.close();
      fresh.close();
    },
  };
}

describe('with CONDSTORE on both sides', () => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await openWith(true);
  });
  afterAll(() => bench.close());

  test('only what has changed is asked for; an unchanged account is listed, asked how it stands, and left', async () => {
    const account = await follow(bench, 'asked@example.org');
    await account.round();
    expect(commands(account.old.said).map((line) => line.split(' ')[0])).toEqual(['LOGIN', 'NAMESPACE', 'LIST', 'LSUB', 'STATUS', 'STATUS', 'LOGOUT']);
    commands(account.new.said);

    const client = await account.client('old');
    await client.store('3,5', '+FLAGS', ['\\Flagged']);
    await client.store('7', '+FLAGS', ['\\Deleted']);
    await client.expunge('7');
    await bench.append('old', 'asked@example.org', 'INBOX', ['arrived']);
    await account.round();
    const asked = commands(account.old.said);
    expect(asked).not.toContain(WHOLE);
    expect(asked.filter((line) => line.startsWith(`${WHOLE} (CHANGEDSINCE `))).toHaveLength(1);
    expect(asked).toContain('UID SEARCH RETURN (ALL) ALL');
    // The other mailbox is not looked into.
    expect(asked.filter((line) => line.startsWith('EXAMINE'))).toHaveLength(1);
    await account.same();

    // What it stored itself it reads again at the target, and only that.
    commands(account.new.said);
    await account.round();
    const again = commands(account.new.said);
    expect(again).toContain('UID FETCH 3,5 (UID FLAGS)');
    expect(again).not.toContain(WHOLE);
    expect(await account.settle()).toMatchObject({ state: 'moved' });
    // In the hold it reads both sides whole, once.
    expect(commands(account.old.said).filter((line) => line === WHOLE)).toHaveLength(2);
    await account.same();
    await account.end();
  });

  test('in a hold a mailbox that changed right before it is listed once; what was changed there is proven from what the target says has changed since', async () => {
    const account = await follow(bench, 'late@example.org');
    const client = await account.client('old');
    let done = false;
    const late = async (): Promise<void> => {
      if (done) return;
      done = true;
      await client.store('3,5', '+FLAGS', ['\\Flagged']);
      await bench.append('old', 'late@example.org', 'INBOX', ['arrived late']);
      for (const { said } of [account.old, account.new]) said.length = 0;
    };
    expect(await account.settle(late)).toMatchObject({ state: 'moved' });
    const [old, fresh] = [commands(account.old.said), commands(account.new.said)];
    const whole = (said: string[]): number => said.filter((line) => line === WHOLE).length;
    expect(done).toBe(true);
    // Both mailboxes at each side, once.
    expect([whole(old), whole(fresh)]).toEqual([2, 2]);
    // After the flip the move is nobody's: the session may be cut before it has said LOGOUT.
    const proof = fresh.slice(fresh.findLastIndex((line) => line.startsWith('SELECT'))).filter((line) => line !== 'LOGOUT');
    expect(proof.map((line) => line.replace(/CHANGEDSINCE \d+/, 'CHANGEDSINCE N').replace(/^SELECT .*/, 'SELECT'))).toEqual([
      'SELECT',
      'UID SEARCH RETURN (ALL) ALL',
      `${WHOLE} (CHANGEDSINCE N)`,
    ]);
    await account.same();
    await account.end();
  });

  test.each<[Vice, number]>([
    ['hides-flag-changes', 3],
    ['mod-seq-stands-still', 3],
    ['search-misses-one', 3],
  ])('in a hold a target that %s is listed again', async (vice, lists) => {
    const account = await follow(bench, `late.${vice}@example.org`);
    const client = await account.client('old');
    let done = false;
    const late = async (): Promise<void> => {
      if (done) return;
      done = true;
      await client.store('3,5', '+FLAGS', ['\\Flagged']);
      await client.store('7', '+FLAGS', ['\\Deleted']);
      await client.expunge('7');
      vices.new.add(vice);
      account.new.said.length = 0;
    };
    try {
      expect(await account.settle(late)).toMatchObject({ state: 'moved', backedOut: 0 });
      expect(commands(account.new.said).filter((line) => line === WHOLE)).toHaveLength(lists);
      await account.same();
      await account.end();
    } finally {
      vices.new.clear();
    }
  });

  test('in a hold nothing is drawn from what may be untrue: a deletion past us right before the proof is found', async () => {
    const account = await follow(bench, 'past-us@example.org');
    const client = await account.client('old');
    const intruder = await account.client('new');
    let holds = 0;
    let ended = false;
    let intruding: Promise<void> | undefined;
    const late = async (): Promise<void> => {
      holds += 1;
      if (holds > 1) return;
      await client.store('3', '+FLAGS', ['\\Flagged']);
      // Once the hold has set the flag.
      const until = account.new.said.length;
      intruding = (async () => {
        while (!account.new.said.slice(until).some((line) => /UID STORE/.test(line))) {
          if (ended) return;
          await new Promise((wake) => setTimeout(wake, 1));
        }
        await intruder.store('9', '+FLAGS', ['\\Deleted']);
        await intruder.expunge('9');
      })();
    };
    expect(await account.settle(late)).toMatchObject({ state: 'moved' });
    ended = true;
    await intruding;
    await account.same();
    await account.end();
  });

  test('what changes at the target is put right', async () => {
    const account = await follow(bench, 'target@example.org');
    const client = await account.client('new');
    await client.store('2', '+FLAGS', ['\\Seen']);
    await client.store('4', '+FLAGS', ['\\Deleted']);
    await client.expunge('4');
    await bench.append('new', 'target@example.org', 'INBOX', ['not of the source']);
    await account.round();
    await account.same();
    await account.end();
  });

  test('flags that change at the target between a round that appended and the next are put right', async () => {
    const account = await follow(bench, 'between@example.org');
    await bench.append('old', 'between@example.org', 'INBOX', ['arrived']);
    await account.round();
    await (await account.client('new')).store('2', '+FLAGS', ['\\Seen']);
    await account.round();
    await account.same();
    await account.end();
  });

  test.each<[Vice, SideName]>([
    ['hides-flag-changes', 'old'],
    ['mod-seq-stands-still', 'old'],
    ['hides-flag-changes', 'new'],
    ['mod-seq-stands-still', 'new'],
  ])('%s at %s: the hold finds what was not told, and it is not relied on again', async (vice, side) => {
    vices[side].add(vice);
    heard.length = 0;
    try {
      const account = await follow(bench, `${vice}.${side}@example.org`);
      const client = await account.client(side);
      await client.store('3', '+FLAGS', ['\\Flagged']);
      await account.round();
      const ended = await account.settle();
      expect(ended).toMatchObject({ state: 'moved' });
      expect(heard).toContain('mover.mod-seq-untrue');
      await account.same();
      await account.end();
    } finally {
      vices[side].delete(vice);
    }
  });

  test('a side that does not name all its messages is read whole', async () => {
    vices.old.add('search-misses-one');
    try {
      const account = await follow(bench, 'misses@example.org');
      const client = await account.client('old');
      await client.store('9', '+FLAGS', ['\\Deleted']);
      await client.expunge('9');
      await account.round();
      expect(commands(account.old.said).filter((line) => line === WHOLE)).toHaveLength(1);
      await account.same();
      await account.end();
    } finally {
      vices.old.clear();
    }
  });
});

describe.each([true, false])('CONDSTORE: %s', (condstore) => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await openWith(condstore);
  });
  afterAll(() => bench.close());

  test('whatever is done at both sides between rounds, after a round they hold the same', async () => {
    const address = 'any@example.org';
    const account = await follow(bench, address);
    const act = fc.record({ side: fc.constantFrom<SideName>('old', 'old', 'new'), what: fc.constantFrom('flag', 'unflag', 'expunge', 'append', 'copy'), at: fc.double({ min: 0, max: 0.999, noNaN: true }) });
    let appended = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(act, { maxLength: 4 }), { minLength: 1, maxLength: 3 }), async (rounds) => {
        for (const acts of rounds) {
          for (const { side, what, at } of acts) {
            const client = await account.client(side);
            const uids = await client.uidSearch({ key: 'all' });
            const uid = String(uids[Math.floor(at * uids.length)] ?? 1);
            if (what === 'append' || uids.length < 3) await bench.append(side, address, 'INBOX', [`new ${(appended += 1)}`], { flags: ['\\Seen'] });
            else if (what === 'flag') await client.store(uid, '+FLAGS', ['\\Flagged']);
            else if (what === 'unflag') await client.store(uid, 'FLAGS', []);
            else if (what === 'copy') await client.run(`UID COPY ${uid} INBOX`);
            else {
              await client.store(uid, '+FLAGS', ['\\Deleted']);
              await client.expunge(uid);
            }
          }
          await account.round();
        }
        return account.same();
      }),
      { numRuns: 8 },
    );
    expect(await account.settle()).toMatchObject({ state: 'moved' });
    await account.same();
    await account.end();
  });
});
