/**
 * What a bench has begun (servers, processes, folders), ended in the opposite order: at its end, between its rounds, and
 * on a signal, after which the process ends.
 *
 * Invariant: each is ended once, and whoever asks meanwhile waits until all are.
 */
export type Closers = (() => unknown)[];

export type Closing = {
  /** To be added to by what is begun. */
  readonly closers: Closers;
  /** Never rejects: one that fails does not keep the others. */
  close(): Promise<void>;
  /** Whether a signal came: what fails from then on is no news. */
  readonly interrupted: boolean;
};

export function createClosing(): Closing {
  const closers: Closers = [];
  let closing: Promise<void> = Promise.resolve();
  let interrupted = false;
  function close(): Promise<void> {
    const open = closers.splice(0).toReversed();
    closing = closing.then(async () => {
      for (const each of open) await (async () => each())().catch(() => {});
    });
    return closing;
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      interrupted = true;
      void close().finally(() => process.exit(1));
    });
  }
  return {
    closers,
    close,
    get interrupted() {
      return interrupted;
    },
  };
}
