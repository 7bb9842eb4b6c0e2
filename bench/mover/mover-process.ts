/**
 * Causeway's mover in a process of its own, with a PostgreSQL of its own: rounds as a mover worker runs them, until the
 * account is followed, then as often as they are asked for. The hold is left out: the other tools have none. What a
 * worker does besides when it has copied an account (it looks again at once) ends before the next order.
 */
import { randomUUID } from 'node:crypto';
import { createSecret } from '#config/index.ts';
import { createAccounts, directoryMigrations } from '#directory/index.ts';
import { messageOf } from '#errors/index.ts';
import { systemClock as clock } from '#events/clock.ts';
import { type Emit, silent } from '#events/index.ts';
import { loadReceiptKey, moverMigrations, type MoverPlatform, requestMove } from '#mover/index.ts';
import { COMMAND_MS, createClaims, STRAGGLER_MS, TAKE_OVER_MS } from '#mover/claim.ts';
import { runRound } from '#mover/round.ts';
import { startEmbedded } from '#store/embedded/start.ts';
import { openStore, storeMigrations } from '#store/index.ts';
import { sql } from 'kysely';
import { eachAtOnce } from '../at-once.ts';
import type { Answer, Order, WorkerOrders } from './orders.ts';

const orders = JSON.parse(process.argv[2]!) as WorkerOrders;
const server = await startEmbedded({ dataDir: orders.folder, binariesDir: orders.binaries, clock, emit: silent });
const store = await openStore(server.connection, { emit: silent, clock });
await store.migrate([...storeMigrations, ...directoryMigrations, ...moverMigrations]);
const claims = createClaims(store, randomUUID(), clock, { takeOverMs: TAKE_OVER_MS, commandMs: COMMAND_MS, stragglerMs: STRAGGLER_MS });
setInterval(() => void claims.renew().catch(() => {}), claims.renewMs);
const platforms: Record<string, MoverPlatform> = Object.fromEntries(
  orders.platforms.map(([name, port]) => [
    name,
    { name, imap: { host: '127.0.0.1', port, tls: 'plain', trustedNetwork: true }, entrances: [{ kind: 'trusted', secret: createSecret(orders.password) }] },
  ]),
);
// Asked before the copying and again before a hold.
const begun = new Set<number>();
/** Accounts of this order that are not followed yet. */
const behind = new Set<number>();
let onFollowed = (): void => {};
const emit: Emit = (event, fields) => {
  if (event.name !== 'mover.state' || fields['state'] !== 'following') return;
  behind.delete(Number(fields['move']));
  if (behind.size === 0) onFollowed();
};
const round = { store, clock, emit, platforms, receiptKey: loadReceiptKey(orders.folder), commandMs: COMMAND_MS, mayGoOn: async ({ id }: { id: number }) => !begun.has(id) && Boolean(begun.add(id)) };

/** A few attempts, as a worker makes them; a bench that waits out an outage is of no use. */
const ROUNDS = 40;

async function work(id: number, once: boolean): Promise<void> {
  for (let rounds = 0; rounds < ROUNDS; rounds += 1) {
    if (once || rounds > 0) await sql`update move set next_at = now() where id = ${id}`.execute(store.db());
    const claim = await claims.claim(id);
    if (claim === undefined) throw new Error(`the move is not to be had: ${JSON.stringify((await sql`select *, now() from move where id = ${id}`.execute(store.db())).rows)}`);
    await runRound(claim, round);
    const { rows } = await sql<{ state: string; error: string | null }>`select state, error from move where id = ${id}`.execute(store.db());
    const [move] = rows;
    if (move === undefined || move.state === 'failed') throw new Error(`the move failed: ${move?.error}`);
    if (move.error !== null) process.stderr.write(`an attempt failed: ${move.error}\n`);
    else if (once || move.state === 'following') return;
  }
  throw new Error(`not done within ${ROUNDS} rounds`);
}

/** @param done is called when all is done that the order was for */
async function obey(order: Order, done: () => void): Promise<void> {
  const ids = new Map<string, number>();
  if (order.do === 'copy') {
    await store.transaction((tx) => createAccounts(tx, order.accounts.map((address) => ({ address, home: order.source, authority: 'ours' })), { actor: 'bench' }));
  }
  const { rows } = await sql<{ id: number; address: string; move: number | null }>`
    select a.id, a.address, m.id as move from account a left join move m on m.account_id = a.id where a.address = any(${[...order.accounts]}::text[])`.execute(store.db());
  // Together, as a wave's are.
  await store.transaction(async (tx) => {
    for (const { id, address, move } of rows) {
      ids.set(address, order.do === 'again' ? move! : await requestMove(tx, { accountId: id, source: order.source, target: order.target, readBack: order.readBack }));
    }
  });
  const each = (once: boolean): Promise<void> => eachAtOnce(ids.values(), order.atOnce, (id) => work(id, once));
  if (order.do === 'copy') {
    for (const id of ids.values()) behind.add(id);
    onFollowed = done;
    await each(false);
  }
  // After a copy once more, so that the next order finds all at rest.
  await each(true);
}

process.on('message', (order: Order) => {
  const began = performance.now();
  let told = false;
  const done = (): void => {
    if (told) return;
    told = true;
    process.send?.({ seconds: (performance.now() - began) / 1_000 } satisfies Answer);
  };
  obey(order, done).then(
    () => {
      done();
      process.send?.('idle');
    },
    (error: unknown) => process.send?.({ seconds: 0, error: messageOf(error) } satisfies Answer),
  );
});
process.on('disconnect', () => {
  void store.close().finally(() => server.stop()).finally(() => process.exit());
});
process.send?.({ postgres: server.pid });
