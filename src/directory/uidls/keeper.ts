/**
 * The kept POP3 ids of accounts, for an instance's POP3 sessions: from a file of its own, else from the store.
 *
 * Invariants: never the ids of another home or of an earlier life there: a file counts only for the home that it was read
 * for, and while at most one hold has begun since, since such a hold either left the account there or took it away. An
 * account that was never held was never moved, so nothing is asked for it. What cannot be known is an error: a client that
 * sees a platform's own ids once fetches all its mail again. Files are written as soon as an account's hold has ended and
 * at each start, so that the store may be gone when its client comes.
 */
import { CausewayError, messageOf } from '#errors/index.ts';
import type { Clock } from '#events/clock.ts';
import { defineEvent, type Emit } from '#events/index.ts';
import type { Store } from '#store/index.ts';
import type { Mirror } from '../mirror.ts';
import { type KeptFile, readKeptFile, writeKeptFile } from './kept-file.ts';
import { movedAccounts, readUidls, type UidlRow } from './table.ts';

export type UidlKeeper = {
  /** @returns undefined where the account's messages have the platform's own ids @throws CausewayError 'unavailable' */
  find(accountId: number, home: string): Promise<UidlRow | undefined>;
  close(): Promise<void>;
};

const notWritten = defineEvent<{ error: string }>('directory.uidls-not-written', 'warn', ['log', 'count']);

/** Read at once: each may take 7 MB. */
const AT_ONCE = 8;
/** The store is away, or the disk is full: the next try. */
const AGAIN_MS = 1_000;
/** Accounts listed by one statement at the start. */
const LOT = 1_000;

type Parts = { readonly store: Store; readonly mirror: Pick<Mirror, 'route' | 'onRoute'>; readonly folder: string; readonly clock: Clock; readonly emit: Emit };

export function createUidlKeeper({ store, mirror, folder, clock, emit }: Parts): UidlKeeper {
  const closing = new AbortController();
  const wanted = new Set<number>();
  let wake: () => void = () => {};
  // One after the other for each account: files are not written by two.
  const turns = new Map<number, Promise<unknown>>();
  let reading = 0;
  const waiting: (() => void)[] = [];

  /** One at a time for an account, and few at a time altogether. Who waits is bounded by those who may wait for a verdict. */
  async function inTurn<T>(accountId: number, work: () => Promise<T>): Promise<T> {
    const turn = (turns.get(accountId) ?? Promise.resolve()).then(async () => {
      if (reading >= AT_ONCE) await new Promise<void>((go) => waiting.push(go));
      reading += 1;
      try {
        return await work();
      } finally {
        reading -= 1;
        waiting.shift()?.();
      }
    });
    const settled = turn.catch(() => {});
    turns.set(accountId, settled);
    try {
      return await turn;
    } finally {
      if (turns.get(accountId) === settled) turns.delete(accountId);
    }
  }

  async function fromStore(accountId: number, platform: string, epoch: number): Promise<KeptFile> {
    const row = await readUidls(store, accountId, platform);
    if (row !== undefined && row.epoch > epoch) throw new CausewayError('unavailable', 'the account has been moved since its route was read', { retryable: true });
    const kept: KeptFile = { platform, readAt: epoch, row };
    await writeKeptFile(folder, accountId, kept).catch((error: unknown) => emit(notWritten, { error: messageOf(error) }));
    return kept;
  }

  const find = async (accountId: number, home: string): Promise<UidlRow | undefined> => {
    const route = mirror.route(accountId);
    if (route === undefined || route.home !== home) throw new CausewayError('unavailable', 'the account lives elsewhere now', { retryable: true });
    if (route.epoch === 0) return undefined;
    return inTurn(accountId, async () => {
      const file = await readKeptFile(folder, accountId);
      if (file?.platform === home && route.epoch - file.readAt <= 1) return file.row;
      return (await fromStore(accountId, home, route.epoch)).row;
    });
  };

  /** Brings the file up to date. */
  async function refresh(accountId: number): Promise<void> {
    const route = mirror.route(accountId);
    if (route === undefined || route.epoch === 0 || route.phase === 'held') return; // a hold's end is heard
    await inTurn(accountId, async () => {
      const file = await readKeptFile(folder, accountId);
      if (file?.platform !== route.home || file.readAt !== route.epoch) await fromStore(accountId, route.home, route.epoch);
    });
  }

  const want = (accountId: number): void => {
    wanted.add(accountId);
    wake();
  };
  const unhear = mirror.onRoute(({ accountId, epoch, phase }) => {
    if (epoch > 0 && phase !== 'held') want(accountId);
  });

  const listing = (async () => {
    for (let after = 0; !closing.signal.aborted; ) {
      try {
        const ids = await movedAccounts(store, after, LOT);
        for (const id of ids) want(id);
        if (ids.length < LOT) return;
        after = ids.at(-1)!;
      } catch {
        await clock.sleep(AGAIN_MS, closing.signal).catch(() => {});
      }
    }
  })();

  const refreshing = (async () => {
    while (!closing.signal.aborted) {
      const [next] = wanted;
      if (next === undefined) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
        continue;
      }
      wanted.delete(next);
      await refresh(next).catch(async () => {
        wanted.add(next);
        await clock.sleep(AGAIN_MS, closing.signal).catch(() => {});
      });
    }
  })();

  return {
    find,
    async close() {
      unhear();
      closing.abort();
      wake();
      await Promise.all([listing, refreshing]);
    },
  };
}
