/**
 * When refusals to known customers open an incident, and when they close it. A known customer has signed in before, from
 * that network.
 *
 * Invariants: strangers are not looked at, so no flood of theirs opens one; nor does a single account, however often it
 * is refused. Opened at a rate that is not closed at. Bounded.
 */

/** Looked at from second to second over a minute: a stricken morning is told within seconds, a hiccup within none. */
const WINDOW_MS = 60_000;
const SLICES = 6;
const SLICE_MS = WINDOW_MS / SLICES;

/** Different accounts in a window. Fewer are those accounts' own trouble. */
const ACCOUNTS = 5;
/** Refusals to all answers that open one; the share that a desk begins to hear of. */
const OPENS = 0.05;
/** And the share below which it is over. */
const CLOSES = 0.01;

/** Accounts told apart in one slice; more tell nothing more. */
const KEPT = 1_000;

export type KnownWatch = {
  seen(accountId: number, protocol: string, served: boolean, now: number): void;
  /** What the last window amounts to. */
  judge(now: number): void;
  readonly troubled: boolean;
  /** The refusals of the last window. */
  refusals(): { readonly occurrences: number; readonly accounts: Set<number>; readonly protocols: Set<string> };
};

type Slice = { at: number; served: number; refused: number; accounts: Set<number>; protocols: Set<string> };

export function createKnownWatch(): KnownWatch {
  let slices: Slice[] = [];
  let troubled = false;

  function slice(now: number): Slice {
    const at = Math.floor(now / SLICE_MS);
    let last = slices.at(-1);
    if (last?.at === at) return last;
    forget(now);
    slices.push((last = { at, served: 0, refused: 0, accounts: new Set(), protocols: new Set() }));
    return last;
  }

  function forget(now: number): void {
    slices = slices.filter(({ at }) => at > Math.floor(now / SLICE_MS) - SLICES);
  }

  const refusals: KnownWatch['refusals'] = () => ({
    occurrences: slices.reduce((sum, each) => sum + each.refused, 0),
    accounts: new Set(slices.flatMap((each) => [...each.accounts])),
    protocols: new Set(slices.flatMap((each) => [...each.protocols])),
  });

  function judge(now: number): void {
    forget(now);
    const served = slices.reduce((sum, each) => sum + each.served, 0);
    const refused = refusals().occurrences;
    if (troubled) {
      troubled = refused > 0 && refused >= CLOSES * (served + refused);
      return;
    }
    if (refused < ACCOUNTS || refused < OPENS * (served + refused)) return;
    troubled = refusals().accounts.size >= ACCOUNTS;
  }

  return {
    seen(accountId, protocol, served, now) {
      const current = slice(now);
      if (served) {
        current.served += 1;
        return;
      }
      current.refused += 1;
      current.protocols.add(protocol);
      if (current.accounts.size < KEPT) current.accounts.add(accountId);
    },
    judge,
    refusals,
    get troubled() {
      return troubled;
    },
  };
}
