/** For this folder's tests only: locks by themselves, with whatever verdicts a test gives. */
import { createManualClock, type ManualClock } from '#events/manual-clock.testing.ts';
import type { Account } from '../accounts.ts';
import { anAccount } from '../testing.ts';
import type { Attempt, Evidence } from '../verdict.ts';
import { type LockedReason, type Locks, type Shared, startLocks } from './index.ts';
import type { NetworkSettings } from './network.ts';

export const HOME = '198.51.100.7';
export const STRANGER = '192.0.2.66';

export type Bench = {
  readonly clock: ManualClock;
  readonly locks: Locks;
  readonly events: { name: string; fields: Readonly<Record<string, unknown>> }[];
  attempt(secret: string, from?: string, login?: string): Attempt;
  /** One whole attempt: `rejected` when it was checked and wrong, `accepted`, or why it was locked. */
  guess(secret: string, options?: { from?: string; account?: Account | undefined; login?: string }): 'rejected' | LockedReason;
  enter(secret: string, options?: { from?: string; account?: Account; by?: Evidence }): 'accepted' | LockedReason;
  /** `n` distinct wrong secrets, at most until one is locked; how many were checked. */
  guesses(n: number, options?: { from?: string; account?: Account; as?: string }): number;
};

export async function startBench(options: { settings?: Partial<NetworkSettings>; file?: string; clock?: ManualClock; shared?: Shared; frozen?: () => boolean } = {}): Promise<Bench> {
  const clock = options.clock ?? createManualClock();
  const events: Bench['events'] = [];
  const locks = await startLocks({
    settings: { ipv4Prefix: 32, ipv6Prefix: 56, sharedRanges: [], ...options.settings },
    keys: { digest: Buffer.alloc(32, 1), file: Buffer.alloc(32, 2) },
    file: options.file,
    shared: options.shared,
    frozen: options.frozen ?? (() => false),
    clock,
    emit: (definition, fields) => void events.push({ name: definition.name, fields }),
  });
  const attempt: Bench['attempt'] = (secret, from = STRANGER, login = 'customer1@example') => ({ protocol: 'imap', login, secret, network: from });
  const judge = <T>(account: Account | undefined, presented: Attempt, verdict: () => T): T | LockedReason => {
    const end = locks.begin(account, presented);
    if (typeof end === 'string') return end;
    end();
    return verdict();
  };
  const guess: Bench['guess'] = (secret, over = {}) => {
    const account = 'account' in over ? over.account : anAccount(1);
    const presented = attempt(secret, over.from, over.login);
    return judge(account, presented, () => {
      locks.rejected(account, presented);
      return 'rejected' as const;
    });
  };
  return {
    clock,
    locks,
    events,
    attempt,
    guess,
    enter(secret, { from, account = anAccount(1), by = 'platform' } = {}) {
      const presented = attempt(secret, from);
      return judge(account, presented, () => {
        locks.accepted(account, presented, by);
        return 'accepted' as const;
      });
    },
    guesses(n, { as = 'wrong', ...over } = {}) {
      for (let i = 0; i < n; i++) if (guess(`${as} ${i}`, over) !== 'rejected') return i;
      return n;
    },
  };
}
