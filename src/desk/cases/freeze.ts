/** What a case keeps of its account: the screen as it is at that moment, and the verdict's line for its subject. */
import type { Store } from '#store/index.ts';
import { screenOf } from '../screen/screen.ts';
import type { Freeze } from './open.ts';

export function freezeFrom(store: Store): Freeze {
  return async (accountId) => {
    const screen = await screenOf(store, accountId);
    return screen === undefined ? undefined : { line: screen.verdict.line, screen };
  };
}
