/**
 * A map that forgets what was used longest ago when it is full. Invariant: never more than `limit` entries.
 */
export type BoundedMap<K, V> = {
  /** Reading is using. */
  get(key: K): V | undefined;
  /** Reads without using. */
  peek(key: K): V | undefined;
  set(key: K, value: V): void;
  delete(key: K): boolean;
  /** Least lately used first. */
  entries(): IterableIterator<[K, V]>;
  readonly size: number;
};

export function createBoundedMap<K, V>(limit: number): BoundedMap<K, V> {
  const map = new Map<K, V>();
  return {
    get(key) {
      const value = map.get(key);
      if (value === undefined) return undefined;
      map.delete(key);
      map.set(key, value);
      return value;
    },
    peek: (key) => map.get(key),
    set(key, value) {
      map.delete(key);
      map.set(key, value);
      if (map.size <= limit) return;
      for (const oldest of map.keys()) {
        map.delete(oldest);
        return;
      }
    },
    delete: (key) => map.delete(key),
    entries: () => map.entries(),
    get size() {
      return map.size;
    },
  };
}
