/** Those who want to know of a change: what `useSyncExternalStore` subscribes to. */
export type Listeners = {
  /** @returns ends it */
  readonly subscribe: (listener: () => void) => () => void;
  readonly tell: () => void;
};

export function createListeners(): Listeners {
  const listeners = new Set<() => void>();
  return {
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    tell() {
      for (const listener of listeners) listener();
    },
  };
}
