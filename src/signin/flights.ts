/**
 * Equal work in flight is done once. Invariant: as many entries as there is work under way, which its callers bound.
 */
export type Flights<T> = {
  /** The work under way for `key`, or a new one. */
  fly(key: string, work: () => Promise<T>): Promise<T>;
};

export function createFlights<T>(): Flights<T> {
  const flights = new Map<string, Promise<T>>();
  return {
    fly(key, work) {
      const running = flights.get(key);
      if (running !== undefined) return running;
      const result = work().finally(() => flights.delete(key));
      flights.set(key, result);
      return result;
    },
  };
}
