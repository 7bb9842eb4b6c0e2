/**
 * Erlang C: what a number of agents can carry, where callers wait in one queue and nobody hangs up (A. K. Erlang 1917; Koole,
 * Call Center Optimization, 2013, chapter 6).
 *
 * Invariants: pure. Nobody who hangs up makes it pessimistic when much is asked, and so on the safe side for a gate.
 */
export type Traffic = {
  readonly callsPerHour: number;
  /** With what is written after the call. */
  readonly handlingSeconds: number;
};

export type Expected = {
  /** Share of calls that are answered within the time asked for. */
  readonly serviceLevel: number;
  /** Of all calls, those that did not wait included. */
  readonly waitSeconds: number;
  readonly occupancy: number;
};

/** The industry's usual promise. */
export const TARGET = { share: 0.8, withinSeconds: 20 } as const;
/** More agents than any provider's shift. */
const MOST_AGENTS = 10_000;

/** Calls under way at once, on average. */
export function offered({ callsPerHour, handlingSeconds }: Traffic): number {
  return (callsPerHour * handlingSeconds) / 3_600;
}

/** The chance that a call waits; 1 where more is offered than can ever be answered. */
export function waits(erlangs: number, agents: number): number {
  if (erlangs <= 0) return 0;
  if (agents <= erlangs) return 1;
  // Erlang B by its recursion, whose terms stay between 0 and 1 where factorials overflow.
  let blocked = 1;
  for (let n = 1; n <= agents; n += 1) blocked = (erlangs * blocked) / (n + erlangs * blocked);
  return (agents * blocked) / (agents - erlangs * (1 - blocked));
}

/** Undefined: more is asked than they can ever answer, so the queue only grows. */
export function expect(traffic: Traffic, agents: number, withinSeconds: number = TARGET.withinSeconds): Expected | undefined {
  const erlangs = offered(traffic);
  if (erlangs === 0) return { serviceLevel: 1, waitSeconds: 0, occupancy: 0 };
  if (agents <= erlangs) return undefined;
  const waiting = waits(erlangs, agents);
  const { handlingSeconds } = traffic;
  return {
    serviceLevel: 1 - waiting * Math.exp((-(agents - erlangs) * withinSeconds) / handlingSeconds),
    waitSeconds: (waiting * handlingSeconds) / (agents - erlangs),
    occupancy: erlangs / agents,
  };
}

/** The fewest agents that keep the promise. */
export function needed(traffic: Traffic): number {
  for (let agents = Math.floor(offered(traffic)); agents < MOST_AGENTS; agents += 1) {
    if ((expect(traffic, agents)?.serviceLevel ?? 0) >= TARGET.share) return agents;
  }
  return MOST_AGENTS;
}

/** The most calls an hour with which so many agents keep the promise. */
export function capacity(agents: number, handlingSeconds: number): number {
  let [kept, broken] = [0, (agents * 3_600) / handlingSeconds];
  // The service level falls as calls rise, so halving finds it; 40 halvings are below a thousandth of a call.
  for (let step = 0; step < 40 && broken > 0; step += 1) {
    const callsPerHour = (kept + broken) / 2;
    if ((expect({ callsPerHour, handlingSeconds }, agents)?.serviceLevel ?? 0) >= TARGET.share) kept = callsPerHour;
    else broken = callsPerHour;
  }
  return kept;
}
