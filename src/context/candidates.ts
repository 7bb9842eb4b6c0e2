import type { Candidates } from '#cutover/control.ts';
import type { DirectoryTables } from '#directory/tables.ts';
import type { Store } from '#store/index.ts';

/** The accounts that live at a platform, for a plan to choose from. Closed accounts stay where they are. */
export function candidatesOf(store: Store): Candidates {
  return (platform) =>
    store
      .db<DirectoryTables>()
      .selectFrom('account')
      .innerJoin('route', 'route.account_id', 'account.id')
      .select(['account.id', 'account.address', 'account.authority'])
      .where('route.home', '=', platform)
      .where('account.state', '!=', 'closed')
      .execute();
}
