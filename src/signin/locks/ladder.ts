/**
 * How long a network is locked out of an account, by the number of distinct wrong secrets that it has sent for it.
 *
 * Invariant: pure. Who has no success is slowed down at each step and never for good: for good is the account's ceiling.
 */
const MINUTE = 60_000;

/**
 * Five are free: a person tries the few passwords that she has, and a device sends each of them by up to three ways,
 * which counts once. Then a minute, which ends by itself before anybody calls. From ten (where Entra locks) five
 * minutes, longer than people go on for by hand; from twenty on it is a program, and it gets 20 tries an hour, then 5.
 */
const RUNGS: readonly { readonly from: number; readonly ms: number }[] = [
  { from: 50, ms: 120 * MINUTE },
  { from: 20, ms: 30 * MINUTE },
  { from: 10, ms: 5 * MINUTE },
  { from: 6, ms: MINUTE },
];

/** From the second rung on, each so many lock again. */
const EVERY = 10;

/** The lock that the `distinct`th wrong secret sets, in ms; undefined when it sets none. */
export function lockMs(distinct: number): number | undefined {
  const step = distinct % EVERY === 0 || RUNGS.some(({ from }) => from === distinct);
  return step ? RUNGS.find(({ from }) => distinct >= from)?.ms : undefined;
}

/** The number of distinct wrong secrets, above `distinct`, at which the next lock is set. */
export function nextLock(distinct: number): number {
  let next = distinct + 1;
  while (lockMs(next) === undefined) next += 1;
  return next;
}
