/** As many values as there may be, with their weight: those that were asked for or set last. */

export type Recent<T> = {
  get(key: string): T | undefined;
  set(key: string, value: T): void;
  /** Of all values, as weighed when they were set. */
  bytes(): number;
};

/** @param weigh bytes; of a value always the same */
export function createRecent<T>(limit: number, weigh: (value: T) => number = () => 0): Recent<T> {
  const entries = new Map<string, T>();
  let bytes = 0;
  function drop(key: string): void {
    const value = entries.get(key);
    if (value === undefined) return;
    bytes -= weigh(value);
    entries.delete(key);
  }
  return {
    bytes: () => bytes,
    get(key) {
      const value = entries.get(key);
      if (value === undefined) return undefined;
      entries.delete(key);
      entries.set(key, value);
      return value;
    },
    set(key, value) {
      drop(key);
      entries.set(key, value);
      bytes += weigh(value);
      const [oldest] = entries.keys();
      if (entries.size > limit && oldest !== undefined) drop(oldest);
    },
  };
}
