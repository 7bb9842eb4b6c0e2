/**
 * Carries accounts there and back until enough holds ended in a flip: a move, then a rollback, each with a hold, so that
 * a thousand holds need no thousand accounts.
 */
import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import { requestMove, requestRollback } from '#mover/index.ts';
import type { Store } from '#store/index.ts';
import type { Hold } from './measure.ts';

export type Account = {
  readonly id: number;
  readonly address: string;
  home: 'source' | 'target';
  /** From the request until it lives at the other platform: then a hold may come. */
  carried: boolean;
};

export type Shuttle = {
  /** As they ended, with what the mover says of each. */
  readonly holds: (Hold & { readonly told: Readonly<Record<string, unknown>> })[];
  /** Resolves when `flips` holds ended in one, and every account is at rest. */
  readonly done: Promise<void>;
};

/** Customers settle down at the other platform before they are carried back. Meanwhile another account is carried. */
const REST_MS = 700;

type Logged = { readonly time: string; readonly event: string; readonly account: number; readonly move: number } & Record<string, unknown>;

/** One account is carried at a time, so that no hold has to share the machine with another. @param serve whose log tells of the moves */
export function shuttle(serve: ChildProcess, store: Store, accounts: readonly Account[], flips: number, onHold: (holds: number) => void): Shuttle {
  const holds: Shuttle['holds'] = [];
  const moved = new Map<number, PromiseWithResolvers<void>>();
  const reading = new Set<Promise<void>>();
  const broken = Promise.withResolvers<never>();
  let flipped = 0;

  const note = async ({ time, account: id, outcome, ms, ...told }: Logged): Promise<void> => {
    const account = accounts.find((each) => each.id === id);
    if (account === undefined) return;
    const ended = Date.parse(time);
    const { home } = account;
    // Kept until the next hold of the account begins.
    const { rows } = await sql<{ at: number | null }>`
      select extract(epoch from min(at)) * 1000 as at from acknowledgement where account_id = ${id} and stage = 'freeze'`.execute(store.db());
    const acknowledged = rows[0]?.at ?? undefined;
    const began = ended - Number(ms);
    const there = outcome === 'flipped' ? (home === 'source' ? 'target' : 'source') : home;
    holds.push({ account: account.address, outcome: String(outcome), home: there, began, ended, acknowledged: acknowledged === undefined || acknowledged < began ? undefined : Number(acknowledged), told: { ms, ...told } });
    if (outcome === 'flipped') flipped += 1;
    onHold(flipped);
  };
  const hear = (event: Logged): void => {
    if (event.event === 'mover.hold') {
      // A run of which a hold is not known says nothing.
      const work = note(event).catch(broken.reject).finally(() => reading.delete(work));
      reading.add(work);
    } else if (event.event === 'mover.failed') moved.get(event.move)?.reject(new Error(`a move failed: ${JSON.stringify(event)}`));
    else if (event.event === 'mover.state' && event['state'] === 'moved') moved.get(event.move)?.resolve();
  };
  createInterface({ input: serve.stderr! }).on('line', (line) => line.startsWith('{"time"') && line.includes('"mover.') && hear(JSON.parse(line) as Logged));

  const carry = async (account: Account): Promise<void> => {
    const id = await store.transaction((tx) =>
      account.home === 'source'
        ? requestMove(tx, { accountId: account.id, source: 'source', target: 'target', actor: 'bench' })
        : requestRollback(tx, { accountId: account.id, actor: 'bench' }),
    );
    const end = Promise.withResolvers<void>();
    moved.set(id, end);
    account.carried = true;
    await end.promise.finally(() => (account.carried = false));
    moved.delete(id);
    while (reading.size > 0) await Promise.all(reading);
    account.home = account.home === 'source' ? 'target' : 'source';
  };
  let turn: Promise<void> = Promise.resolve();
  const inTurn = (work: () => Promise<void>): Promise<void> => (turn = turn.then(work));
  const carried = Promise.all(
    accounts.map(async (account) => {
      while (flipped < flips) {
        await inTurn(async () => {
          if (flipped < flips) await carry(account);
        });
        await sleep(REST_MS);
      }
    }),
  );
  const done = Promise.race([carried.then(() => {}), broken.promise]);
  // Where the run is broken off, nobody waits for it any more.
  done.catch(() => {});
  return { holds, done };
}
