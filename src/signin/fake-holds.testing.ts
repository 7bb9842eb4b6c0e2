/** Homes and holds for this room's tests. */
import { CausewayError } from '#errors/index.ts';
import type { Clock } from '#events/clock.ts';
import type { Route, Routes } from './accounts.ts';
import { within } from './load/within.ts';

export type FakeHolds = {
  readonly routes: Routes;
  readonly hold: { begin(id: number): void; end(id: number, home?: string): void; readonly held: Set<number> };
};

export function createFakeHolds(clock: Clock): FakeHolds {
  const epochs = new Map<number, number>();
  const homes = new Map<number, string>();
  const held = new Set<number>();
  let wake: (() => void)[] = [];
  const hold: FakeHolds['hold'] = {
    held,
    begin(id) {
      if (held.has(id)) return;
      held.add(id);
      epochs.set(id, (epochs.get(id) ?? 0) + 1);
    },
    end(id, home) {
      held.delete(id);
      if (home !== undefined) homes.set(id, home);
      const woken = wake;
      wake = [];
      for (const go of woken) go();
    },
  };
  const homeNow = (id: number): Route | undefined => (held.has(id) ? undefined : { home: homes.get(id) ?? 'old', epoch: epochs.get(id) ?? 0 });
  const routes: Routes = {
    homeNow,
    async home(id, { waitMs, signal }) {
      const end = new AbortController();
      clock.sleep(waitMs, signal).then(
        () => end.abort(new CausewayError('unavailable', 'held for too long')),
        () => end.abort(new CausewayError('aborted', 'aborted')),
      );
      for (;;) {
        const route = homeNow(id);
        if (route !== undefined) return route;
        await within(new Promise<void>((resolve) => wake.push(resolve)), end.signal);
      }
    },
  };

  return { routes, hold };
}
