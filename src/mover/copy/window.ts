/**
 * Bounds what is under way between source and target: messages that were begun to be appended and whose tagged answer
 * has not come. Invariant: `enter` resolves in call order; a message larger than the whole window goes alone.
 */
export type Window = {
  /** Takes room for `bytes` if there is some now. */
  enterNow(bytes: number): boolean;
  /** Resolves when there is room for `bytes`; the caller then holds it until `leave(bytes)`. */
  enter(bytes: number): Promise<void>;
  leave(bytes: number): void;
};

/**
 * 8 MiB and 3,200 messages: fills a path of 80 ms at 100 MB/s, has room for a batch of each lane (of small messages: for
 * two) and what the next are put together from, and bounds what a lost connection leaves undecided.
 */
export const WINDOW = { bytes: 8 * 1024 * 1024, messages: 3_200 };

export function createWindow(limit: { readonly bytes: number; readonly messages: number } = WINDOW): Window {
  let bytes = 0;
  let messages = 0;
  const waiting: { bytes: number; go: () => void }[] = [];
  const fits = (more: number): boolean => messages === 0 || (messages < limit.messages && bytes + more <= limit.bytes);
  const take = (more: number): void => {
    bytes += more;
    messages += 1;
  };
  const enterNow = (more: number): boolean => {
    if (waiting.length > 0 || !fits(more)) return false;
    take(more);
    return true;
  };
  return {
    enterNow,
    async enter(more) {
      if (enterNow(more)) return;
      await new Promise<void>((go) => waiting.push({ bytes: more, go }));
    },
    leave(less) {
      bytes -= less;
      messages -= 1;
      for (let next = waiting[0]; next !== undefined && fits(next.bytes); next = waiting[0]) {
        waiting.shift();
        take(next.bytes);
        next.go();
      }
    },
  };
}
