/**
 * Tells the platforms what changed, until they have taken it.
 *
 * Invariants: the outbox's row is the truth, and any instance may do the work; what is done twice, or later than its
 * lease, the platform sees by the number. A platform that hangs or refuses holds up its own rows only, and of those only
 * the accounts' own; nobody who signs in waits for any of it.
 */
import type { Clock } from '#events/clock.ts';
import { messageOf as textOf } from '#errors/index.ts';
import type { Emit } from '#events/index.ts';
import type { Store } from '#store/index.ts';
import { pushAbsent, pushDone, pushFailed, pushGivenUp } from '../events.ts';
import { pruneProvisioning } from '../provisioning/request.ts';
import { claimRows, finishRow, postponeRow, pruneOutbox } from './claim.ts';
import type { Row } from './claim.ts';
import { messageOf } from './push.ts';
import type { Push } from './push.ts';
import type { Seal } from './seal.ts';

/** The hook is told within a second or two of the change; an empty look is one index scan. */
const LOOK_MS = 1_000;
/** A hook that takes longer hangs. */
const PUSH_MS = 20_000;
/** Tellings under way for one platform: a hook in a scripting language does a few at once. */
const AT_ONCE = 8;
/** What was told long ago, and the keys of requests that nobody repeats any more, are dropped this often; a store that is gone has nothing to drop. */
const PRUNE_MS = 3_600_000;

export type Provisioner = { stop(): Promise<void> };

export function startProvisioner({
  store,
  pushes,
  seal,
  clock,
  emit,
}: {
  store: Store;
  /** By platform. */
  pushes: ReadonlyMap<string, Push>;
  seal: Seal | undefined;
  clock: Clock;
  emit: Emit;
}): Provisioner {
  const stopping = new AbortController();

  const tell = async (row: Row): Promise<void> => {
    const { platform, accountId: account, act } = row;
    const began = clock.monotonic();
    try {
      const pushed = await timed((signal) => pushes.get(platform)!(messageOf(row, seal), signal));
      const absent = pushed.answer === 'absent';
      await store.transaction((tx) => finishRow(tx, row, absent ? { note: 'the account is not on this platform' } : { login: pushed.login }));
      emit(absent ? pushAbsent : pushDone, { platform, account, act, ms: Math.round(clock.monotonic() - began) });
    } catch (error) {
      const message = textOf(error);
      const outcome = await postponeRow(store, row, message).catch(() => 'postponed' as const);
      emit(outcome === 'given-up' ? pushGivenUp : pushFailed, { platform, account, act, tries: row.tries, message });
    }
  };

  /** Within its time, and not beyond our own end. */
  const timed = async <T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> => {
    const over = new AbortController();
    const timer = new AbortController();
    clock.sleep(PUSH_MS, AbortSignal.any([timer.signal, stopping.signal])).then(
      () => over.abort(new Error(`no answer within ${PUSH_MS} ms`)),
      () => over.abort(new Error('stopped')),
    );
    try {
      return await work(over.signal);
    } finally {
      timer.abort();
    }
  };

  const follow = async (platform: string): Promise<void> => {
    while (!stopping.signal.aborted) {
      let rows: Row[] = [];
      try {
        rows = await claimRows(store, [platform], AT_ONCE);
        await Promise.all(rows.map(tell));
      } catch {
        // The store is gone: so is every change.
      }
      if (rows.length < AT_ONCE) await clock.sleep(LOOK_MS, stopping.signal).catch(() => {});
    }
  };

  const keepSmall = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      await pruneOutbox(store).catch(() => {});
      await pruneProvisioning(store).catch(() => {});
      await clock.sleep(PRUNE_MS, stopping.signal).catch(() => {});
    }
  };

  const running = Promise.all([...[...pushes.keys()].map(follow), keepSmall()]);
  return {
    async stop() {
      stopping.abort(new Error('stopped'));
      await running;
    },
  };
}
