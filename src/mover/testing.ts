/**
 * A bench for tests: two practice platforms in this process, a store, and moves driven round by round without a queue.
 *
 * What is compared is read by the platforms' own words over IMAP, not by the mover's ledger.
 */
import { createHash, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { createSecret } from '#config/index.ts';
import { createAccount } from '#directory/accounts.ts';
import { directoryMigrations } from '#directory/migrations.ts';
import { systemClock } from '#events/clock.ts';
import type { Clock } from '#events/clock.ts';
import { silent } from '#events/index.ts';
import type { Emit } from '#events/index.ts';
import { connect } from '#imap/connect.ts';
import type { ImapConnection } from '#imap/connection.ts';
import { addUser, createPlatform, seedMailbox } from '#practice/index.ts';
import type { Platform, PlatformOptions, SeedMessage, SeedOptions } from '#practice/index.ts';
import { type Migration, storeMigrations } from '#store/index.ts';
import type { Store } from '#store/index.ts';
import { openTestStore } from '#store/testing.ts';
import type { TestStore } from '#store/testing.ts';
import { sql } from 'kysely';
import type { MoverPlatform } from './access.ts';
import { createClaims } from './claim.ts';
import type { Claims, ClaimTimes, MoveRow } from './claim.ts';
import { readMoves } from './read.ts';
import type { MoveStatus } from './read.ts';
import { loadReceiptKey } from './hold/receipt-key.ts';
import type { ReceiptKey } from './hold/receipt.ts';
import { requestMove } from './request.ts';
import { runRound } from './round.ts';
import type { RoundOptions } from './round-options.ts';
import { moverMigrations } from './migrations.ts';

export type SideName = 'old' | 'new';

const TOKEN = 'bench-token';

/** What waits in production does not in tests; and nobody takes over here, so a machine that stands still for seconds costs neither a claim nor a command. */
const TIMES: ClaimTimes = { takeOverMs: 20_000, commandMs: 20_000, stragglerMs: 0 };

export type Bench = {
  readonly store: Store;
  readonly test: TestStore;
  readonly receiptKey: ReceiptKey;
  readonly folders: Readonly<Record<SideName, string>>;
  platform(side: SideName): Platform;
  /** Stops a platform and starts it again, on other ports. */
  restart(side: SideName, between?: () => void): Promise<void>;
  /** As the mover sees them; `port` puts a relay before the target. */
  platforms(targetPort?: number): Record<string, MoverPlatform>;
  /** An account with its mail at `old`. */
  account(address: string, mailboxes: Readonly<Record<string, readonly SeedMessage[]>>, options?: Readonly<Record<string, SeedOptions>>): Promise<number>;
  request(accountId: number): Promise<number>;
  options(more?: Partial<RoundOptions>): RoundOptions;
  claims(owner?: string, clock?: Clock, times?: Partial<ClaimTimes>): Claims;
  /** Runs rounds until the move has ended, or `most` rounds. */
  drive(moveId: number, more?: Partial<RoundOptions> & { most?: number; after?: (move: MoveStatus) => void | Promise<void> }): Promise<MoveStatus>;
  /** The platforms as they are seen while one of them is dead. */
  without(side: SideName): Record<string, MoverPlatform>;
  client(side: SideName, address: string): Promise<ImapConnection>;
  /** Puts messages that say `texts` into a mailbox, one after the other. */
  append(side: SideName, address: string, mailbox: string, texts: readonly string[], as?: { readonly flags?: readonly string[]; readonly internalDate?: string }): Promise<void>;
  /** What a platform holds, one line a message, by mailbox; names with `/`. */
  contents(side: SideName, address: string): Promise<Record<string, string[]>>;
  home(accountId: number): Promise<{ home: string; phase: string; epoch: number }>;
  close(): Promise<void>;
};

export async function openBench(options: { old?: Partial<PlatformOptions>; new?: Partial<PlatformOptions>; emit?: Emit; migrations?: readonly Migration[] } = {}): Promise<Bench> {
  const test = await openTestStore([...storeMigrations, ...directoryMigrations, ...moverMigrations, ...(options.migrations ?? [])]);
  const { store } = test;
  const root = mkdtempSync(join(tmpdir(), 'mover-'));
  const token = join(root, 'token');
  writeFileSync(token, TOKEN);
  const folders = { old: join(root, 'old'), new: join(root, 'new') };
  const settings: Record<SideName, PlatformOptions> = {
    old: { name: 'old', folder: folders.old, trustedTokenFile: token, uidValidityBase: 0, ...options.old },
    new: { name: 'new', folder: folders.new, trustedTokenFile: token, uidValidityBase: 50_000_000, separator: '.', ...options.new },
  };
  const running: Record<SideName, Platform> = { old: await createPlatform(settings.old), new: await createPlatform(settings.new) };
  const receiptKey = loadReceiptKey(root);
  const emit = options.emit ?? silent;

  const bench: Bench = {
    store,
    test,
    receiptKey,
    folders,
    platform: (side) => running[side],

    async restart(side, between) {
      await running[side].close();
      between?.();
      running[side] = await createPlatform(settings[side]);
    },

    platforms: (targetPort) => ({
      old: platformAt('old', running.old.trustedPort),
      new: platformAt('new', targetPort ?? running.new.trustedPort),
    }),

    without(side) {
      const all = bench.platforms();
      const dead = all[side]!;
      return { ...all, [side]: { ...dead, imap: { ...dead.imap, port: 1 } } };
    },

    async account(address, mailboxes, seeds = {}) {
      await bench.restart('old', () => {
        const { separator, uidValidityBase } = settings.old;
        addUser(folders.old, address, undefined, { uidValidityBase });
        for (const [mailbox, messages] of Object.entries(mailboxes)) {
          seedMailbox(folders.old, address, mailbox, messages, { separator, uidValidityBase, subscribe: true, ...seeds[mailbox] });
        }
      });
      await bench.restart('new', () => addUser(folders.new, address, undefined, { uidValidityBase: settings.new.uidValidityBase }));
      return store.transaction((tx) => createAccount(tx, { address, home: 'old', authority: 'ours' }, { actor: 'test' }));
    },

    request: (accountId) => store.transaction((tx) => requestMove(tx, { accountId, source: 'old', target: 'new' })),

    options: (more = {}) => ({
      store,
      clock: systemClock,
      emit,
      platforms: bench.platforms(),
      receiptKey,
      mayGoOn: async (_move: MoveRow) => true,
      commandMs: TIMES.commandMs,
      ...more,
    }),

    claims: (owner = randomUUID(), clock = systemClock, times = {}) => createClaims(store, owner, clock, { ...TIMES, ...times }),

    async drive(moveId, { most = 50, after, ...more } = {}) {
      const claims = bench.claims();
      for (let round = 0; round < most; round += 1) {
        // What production waits for, tests do not.
        await sql`update move set next_at = now() where id = ${moveId}`.execute(store.db());
        const claim = await claims.claim(moveId);
        const renewing = setInterval(() => void claims.renew().catch(() => {}), claims.renewMs);
        if (claim !== undefined) await runRound(claim, bench.options(more));
        clearInterval(renewing);
        const [move] = await readMoves(store, [moveId]);
        if (move === undefined) throw new Error('no such move');
        await after?.(move);
        if (['moved', 'failed', 'cancelled'].includes(move.state)) return move;
      }
      const [move] = await readMoves(store, [moveId]);
      return move!;
    },

    async client(side, address) {
      const port = running[side].trustedPort;
      const connection = await connect({ host: '127.0.0.1', port, tls: 'plain' }, { clock: systemClock, connectMs: 20_000, commandMs: 20_000 });
      await connection.login({ user: address, password: TOKEN });
      return connection;
    },

    async append(side, address, mailbox, texts, { flags = [], internalDate = '' } = {}) {
      const connection = await bench.client(side, address);
      for (const text of texts) {
        const bytes = mail(text).bytes!;
        await connection.append(mailbox, { flags, internalDate, size: bytes.length }, Readable.from([bytes]));
      }
      await connection.logout();
    },

    async contents(side, address) {
      const connection = await bench.client(side, address);
      const found: Record<string, string[]> = {};
      const subscribed = new Set((await connection.lsub('', '*')).map(({ name }) => name));
      for (const entry of await connection.list('', '*', { specialUse: true })) {
        if (entry.flags.some((flag) => flag.toLowerCase() === '\\noselect')) continue;
        const { exists } = await connection.examine(entry.name);
        const metas = exists === 0 ? [] : await connection.fetchMeta('1:*');
        const bodies = new Map<number, string>();
        if (exists > 0) {
          await connection.fetchBodies('1:*', async ({ uid, body }) => {
            const hash = createHash('sha256');
            for await (const chunk of body) hash.update(chunk);
            bodies.set(uid, hash.digest('hex').slice(0, 12));
          });
        }
        const use = entry.flags.find((flag) => /^\\(Sent|Drafts|Trash|Junk|Archive)$/i.test(flag)) ?? '';
        const name = entry.name.replaceAll(entry.delimiter ?? '/', '/');
        found[`${name} ${use}${subscribed.has(entry.name) ? ' subscribed' : ''}`] = metas
          .sort((a, b) => a.uid - b.uid)
          .map(({ uid, flags, internalDate }) => {
            const kept = flags.filter((flag) => flag !== '\\Recent').sort();
            return `${bodies.get(uid)} ${Date.parse(internalDate)} ${kept.join(' ')}`;
          });
      }
      await connection.logout();
      return found;
    },

    async home(accountId) {
      const { rows } = await sql<{ home: string; phase: string; epoch: number }>`
        select home, phase, epoch from route where account_id = ${accountId}`.execute(store.db());
      return rows[0]!;
    },

    async close() {
      await Promise.all([running.old.close(), running.new.close()]);
      await test.close();
      rmSync(root, { recursive: true, force: true });
    },
  };
  return bench;
}

function platformAt(name: string, port: number): MoverPlatform {
  return {
    name,
    imap: { host: '127.0.0.1', port, tls: 'plain', trustedNetwork: true },
    entrances: [{ kind: 'trusted', secret: createSecret(TOKEN) }],
  };
}

/** A message of about `size` bytes that says `text`. */
export function mail(text: string, more: Partial<SeedMessage> & { size?: number } = {}): SeedMessage {
  const { size = 200, ...seed } = more;
  const head = `From: a@example.org\r\nSubject: ${text}\r\nMessage-Id: <${text}@example.org>\r\n\r\n`;
  const line = `${text} `.repeat(12).slice(0, 70);
  const body = `${line}\r\n`.repeat(Math.ceil(size / 72));
  return { bytes: Buffer.from(head + body), internalDateMs: Date.UTC(2020, 0, 1) + text.length * 86_400_000, ...seed };
}
