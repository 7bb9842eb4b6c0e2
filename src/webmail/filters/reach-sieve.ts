/** A connection to the ManageSieve of an account's home, for one piece of work. */
import type { Target } from '#gateway/backend.ts';
import type { SieveConnection } from '#sieve/connect.ts';
import type { UnderWay } from '../pool.ts';
import type { RunSieve } from './account-scripts.ts';

type Reach = (at: Pick<Target, 'accountId' | 'address' | 'home'>, budgetMs: number, signal: AbortSignal) => Promise<SieveConnection>;

/** To reach the service; a page waits for it. */
const REACH_MS = 8_000;

export type SieveOf = (request: UnderWay) => RunSieve;

export function createSieveOf(reach: Reach): SieveOf {
  /** The last change of each account that is at work. */
  const busy = new Map<number, Promise<unknown>>();
  return ({ entered, pass, signal, use }) => async (work) => {
    const before = busy.get(pass.accountId);
    const mine = (async () => {
      await before?.catch(() => {});
      // A lane of the account's is taken for as long, so a freeze waits for it.
      return use(async () => {
        const connection = await reach({ accountId: pass.accountId, address: entered.login, home: entered.home }, REACH_MS, signal);
        try {
          return await work(connection);
        } finally {
          connection.logout().catch(() => connection.destroy());
        }
      });
    })();
    busy.set(pass.accountId, mine);
    try {
      return await mine;
    } finally {
      if (busy.get(pass.accountId) === mine) busy.delete(pass.accountId);
    }
  };
}
