/**
 * The order of commands that are pipelined, when one of them must be done again in parts.
 *
 * Invariants: what is begun is begun in call order. A piece of settling waits until all that is under way is answered,
 * pieces go one after the other, in the order in which they were asked for, and meanwhile nothing new is begun. So what
 * was not yet on its way when a command was refused comes after the parts of it; what was, the server has already put
 * before them.
 */
export type Turns = {
  /** Calls `command` in this turn or, while something is being settled, after it. */
  begin<T>(command: () => Promise<T>): Promise<T>;
  /** Called by one whose own command was answered. */
  settle(work: () => Promise<void>): Promise<void>;
  /** Whether something is being settled, or waits for it: what is answered then was begun behind it. */
  readonly settling: boolean;
};

export function createTurns(): Turns {
  const held: (() => void)[] = [];
  const settling: (() => Promise<void>)[] = [];
  let underWay = 0;
  let busy = false;

  async function counted<T>(command: () => Promise<T>): Promise<T> {
    underWay += 1;
    try {
      return await command();
    } finally {
      underWay -= 1;
      goOn();
    }
  }

  function goOn(): void {
    if (busy || underWay > 0) return;
    const work = settling.shift();
    if (work === undefined) {
      for (const begin of held.splice(0)) begin();
      return;
    }
    busy = true;
    void work().finally(() => {
      busy = false;
      goOn();
    });
  }

  return {
    begin(command) {
      if (!busy && settling.length === 0) return counted(command);
      return new Promise((resolve) => held.push(() => resolve(counted(command))));
    },
    settle(work) {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      // How it ends is the caller's: the next piece goes on after it in any case.
      settling.push(() => work().then(resolve, reject));
      goOn();
      return promise;
    },
    get settling() {
      return busy || settling.length > 0;
    },
  };
}
