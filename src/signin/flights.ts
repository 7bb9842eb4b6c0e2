/**
 * Equal work in flight is done once.
 *
 * Invariants: it claims its place as the best of those who wait for it would, and is given up when all of them have gone;
 * who comes after that begins it anew. As many entries as there is work under way, which its callers bound.
 */
import type { Claim } from './claim.ts';

export type Flights<T> = {
  /** The work under way for `key`, or a new one. */
  fly(key: string, claim: Claim, work: (claim: Claim) => Promise<T>): Promise<T>;
  has(key: string): boolean;
};

type Flight<T> = { readonly riders: Set<Claim>; readonly gone: AbortController; result: Promise<T> };

export function createFlights<T>(): Flights<T> {
  const flights = new Map<string, Flight<T>>();

  function ride(key: string, flight: Flight<T>, claim: Claim): Promise<T> {
    const { riders, gone } = flight;
    riders.add(claim);
    const leave = (): void => {
      riders.delete(claim);
      if (riders.size > 0) return;
      if (flights.get(key) === flight) flights.delete(key);
      gone.abort(claim.signal?.reason);
    };
    claim.signal?.addEventListener('abort', leave, { once: true });
    return flight.result.finally(() => claim.signal?.removeEventListener('abort', leave));
  }

  return {
    fly(key, claim, work) {
      const running = flights.get(key);
      if (running !== undefined) return ride(key, running, claim);
      const riders = new Set<Claim>([claim]);
      const gone = new AbortController();
      const shared: Claim = {
        rank() {
          let best = Infinity;
          for (const rider of riders) best = Math.min(best, rider.rank());
          return best;
        },
        known: claim.known,
        signal: gone.signal,
      };
      const flight: Flight<T> = { riders, gone, result: work(shared) };
      flight.result = flight.result.finally(() => {
        if (flights.get(key) === flight) flights.delete(key);
      });
      flights.set(key, flight);
      return ride(key, flight, claim);
    },
    has: (key) => flights.has(key),
  };
}
