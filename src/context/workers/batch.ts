/**
 * Messages of one turn of the event loop over an IPC channel as one, since each crossing costs far more than its content.
 *
 * Invariant: the order is kept, whatever may wait.
 */

export type Batch<M> = { readonly t: 'batch'; readonly messages: readonly M[] };

/** Gives the messages of a batch; of any other message of the channel, nothing. */
export function unpack<M>(message: Batch<M> | { readonly t: string }, take: (message: M) => void): void {
  if (message.t !== 'batch') return;
  for (const each of (message as Batch<M>).messages) take(each);
}

/** A message that nobody waits for goes with the next one, or after this long. Half a turn of a busy worker. */
const LATEST_MS = 10;

/**
 * @param send must not throw
 * @param mayWait a message that nobody waits for
 */
export function createBatch<M>(send: (batch: Batch<M>) => void, mayWait: (message: M) => boolean = () => false): { put(message: M): void; /** Before the process ends. */ flush(): void } {
  let messages: M[] = [];
  let immediate: NodeJS.Immediate | undefined;
  let timer: NodeJS.Timeout | undefined;
  const flush = (): void => {
    clearImmediate(immediate);
    clearTimeout(timer);
    immediate = undefined;
    timer = undefined;
    const sent = messages;
    messages = [];
    if (sent.length > 0) send({ t: 'batch', messages: sent });
  };
  return {
    put(message) {
      messages.push(message);
      if (immediate !== undefined) return;
      if (mayWait(message)) timer ??= setTimeout(flush, LATEST_MS);
      else immediate = setImmediate(flush);
    },
    flush,
  };
}
