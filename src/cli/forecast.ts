/**
 * When work will be done, as a range, from what has been done. Pure.
 *
 * Work has a cost per message and one per byte, in a mixture that depends on both platforms and changes from mailbox to
 * mailbox: so it is forecast by each unit that is known, at the rate of the whole and at the rate of late, and the range
 * is from the soonest to the latest of these.
 */
export type Amounts = Readonly<Record<string, number>>;

export type Forecast = { readonly lowMs: number; readonly highMs: number };

/** The rate of late: long enough that one large message is no forecast. */
const WINDOW_MS = 30_000;
/** Before it, what was done is mostly signing in. */
const FIRST_MS = 2_000;
/** Of the work: less says nothing of the rest. */
const FIRST_SHARE = 0.01;

export type Forecaster = {
  /** What is done at a time. A unit that is not known at both is left out. */
  seen(atMs: number, done: Amounts): void;
  /** @param of all the work, in the units that are known; undefined while too little is done */
  left(of: Amounts): Forecast | undefined;
};

export function createForecaster(): Forecaster {
  type Sample = { atMs: number; done: Amounts };
  let first: Sample | undefined;
  let last: Sample | undefined;
  /** One a second at most, of the last window. */
  const late: Sample[] = [];
  return {
    seen(atMs, done) {
      last = { atMs, done: { ...done } };
      first ??= last;
      const former = late.at(-1);
      if (former === undefined || atMs - former.atMs >= 1_000) late.push(last);
      while (late.length > 1 && atMs - late[1]!.atMs >= WINDOW_MS) late.shift();
    },
    left(of) {
      if (first === undefined || last === undefined || last.atMs - first.atMs < FIRST_MS) return undefined;
      const times: number[] = [];
      for (const [unit, all] of Object.entries(of)) {
        const done = last.done[unit] ?? 0;
        if (all <= 0 || done < all * FIRST_SHARE) continue;
        for (const since of new Set([first, late[0]!])) {
          const ms = last.atMs - since.atMs;
          const made = done - (since.done[unit] ?? 0);
          if (ms >= FIRST_MS && made > 0) times.push((Math.max(0, all - done) / made) * ms);
        }
      }
      return times.length === 0 ? undefined : { lowMs: Math.min(...times), highMs: Math.max(...times) };
    },
  };
}

/** `about 3 min`, `4 to 9 min`. */
export function forecastText({ lowMs, highMs }: Forecast): string {
  const [unit, ms] = highMs < 90_000 ? ['s', 1_000] : highMs < 90 * 60_000 ? ['min', 60_000] : ['h', 3_600_000];
  const [low, high] = [Math.round(lowMs / Number(ms)), Math.round(highMs / Number(ms))];
  return low === high ? `about ${high} ${unit}` : `${low} to ${high} ${unit}`;
}
