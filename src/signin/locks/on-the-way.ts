/**
 * Secrets that are being checked take a place among those that may be wrong, so that a burst cannot guess past a limit
 * before the first answer.
 *
 * Invariants: a place is given back when the check ends, with a verdict or without. The same secret again takes none.
 * As many entries as there are checks under way, which their callers bound.
 */
export type OnTheWay<K> = {
  /** Whether `secret` may be tried when `wrong` were wrong already, and at most `left` distinct ones more may be. */
  hasRoom(key: K, secret: number, wrong: ReadonlySet<number>, left: number): boolean;
  /** @returns gives the place back, to be called once */
  take(key: K, secret: number): () => void;
};

export function createOnTheWay<K>(): OnTheWay<K> {
  const subjects = new Map<K, Map<number, number>>();
  return {
    hasRoom(key, secret, wrong, left) {
      const under = subjects.get(key);
      if (wrong.has(secret) || under?.has(secret)) return true;
      let taken = 0;
      for (const other of under?.keys() ?? []) if (!wrong.has(other)) taken += 1;
      return taken < left;
    },
    take(key, secret) {
      let under = subjects.get(key);
      if (under === undefined) subjects.set(key, (under = new Map()));
      const secrets = under;
      secrets.set(secret, (secrets.get(secret) ?? 0) + 1);
      return () => {
        const left = (secrets.get(secret) ?? 1) - 1;
        if (left > 0) return void secrets.set(secret, left);
        secrets.delete(secret);
        if (secrets.size === 0 && subjects.get(key) === secrets) subjects.delete(key);
      };
    },
  };
}
