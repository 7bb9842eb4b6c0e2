/**
 * Equal work in flight is done once.
 *
 * Invariants: it claims its place as the best of those who came for it, and is given up when all of them have gone; who
 * comes after that begins it anew. All who come for it are of one account, and so of one cohort. As many entries as there
 * is work under way, which its callers bound.
 */
import type { Claim, Standing } from './claim.ts';

export type Flights<T> = {
  /** The work under way for `key`, or a new one. */
  fly(key: string, claim: Claim, work: (claim: Claim) => Promise<T>): Promise<T>;
  has(key: string): boolean;
};

type Flight<T> = { readonly claim: Claim; riders: number; readonly gone: AbortController; result: Promise<T> };

export function createFlights<T>(): Flights<T> {
  const flights = new Map<string, Flight<T>>();

  function ride(key: string, flight: Flight<T>, { standing, signal }: Claim): Promise<T> {
    flight.riders += 1;
    flight.claim.standing = Math.min(flight.claim.standing, standing) as Standing;
    const leave = (): void => {
      flight.riders -= 1;
      if (flight.riders > 0) return;
      if (flights.get(key) === flight) flights.delete(key);
      flight.gone.abort(signal?.reason);
    };
    signal?.addEventListener('abort', leave, { once: true });
    return flight.result.finally(() => signal?.removeEventListener('abort', leave));
  }

  return {
    fly(key, claim, work) {
      const running = flights.get(key);
      if (running !== undefined) return ride(key, running, claim);
      const gone = new AbortController();
      const shared: Claim = { ...claim, signal: gone.signal };
      const flight: Flight<T> = { claim: shared, riders: 0, gone, result: work(shared) };
      flight.result = flight.result.finally(() => {
        if (flights.get(key) === flight) flights.delete(key);
      });
      flights.set(key, flight);
      return ride(key, flight, claim);
    },
    has: (key) => flights.has(key),
  };
}
