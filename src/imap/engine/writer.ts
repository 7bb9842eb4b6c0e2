/**
 * What goes into the socket: pieces gathered into one write, as long as the loop that gives them does not wait.
 *
 * Invariants: `beforeWrite` is called right before each write to the socket, in the same turn. Whoever waits here waits not
 * past the connection's failure. Bytes that their source may write anew are copied, or gone from the process before it is
 * asked for more.
 */
import type { Socket } from 'node:net';
import type { CausewayError } from '#errors/index.ts';

/** Below this, pieces are gathered into one write: commands of one turn, a literal's head with its first bytes. */
const WRITE_LOT = 64 * 1024;

export type WriterOptions = {
  readonly socket: Socket;
  readonly beforeWrite?: () => void;
  /** The socket took bytes. */
  onProgress(): void;
};

/** For one loop, which waits for one thing at a time. */
export type Writer = {
  /** Gathers text. To be flushed by the caller when it `isLot`, as what is given to `gather`. */
  say(text: string): void;
  gather(bytes: Buffer): void;
  isLot(): boolean;
  /** Gathers, and flushes a lot. */
  put(bytes: Buffer): Promise<void>;
  /** Bytes that their source may write anew when it is asked for more. */
  putPassing(bytes: Buffer): Promise<void>;
  /** Writes what there is, and waits while the socket wants no more. */
  flush(): Promise<void>;
  /** Writes what there is, and waits until the process holds none of it any more. */
  letGo(): Promise<void>;
  /** Waits, but not past the connection's failure. */
  orFailure<T>(start: (resolve: (value: T) => void) => void): Promise<T>;
  /** For the socket's event. */
  onDrain(): void;
  /** Nothing more is written; who waits is told. */
  fail(error: CausewayError): void;
};

export function createWriter({ socket, beforeWrite, onProgress }: WriterOptions): Writer {
  let gathered: Buffer[] = [];
  let gatheredBytes = 0;
  let text = ''; // behind what is gathered
  let failure: CausewayError | undefined;
  let drained: (() => void) | undefined;
  let emptied: (() => void) | undefined;
  let interrupt: ((error: CausewayError) => void) | undefined;

  function check(): void {
    if (failure !== undefined) throw failure;
  }

  /** One slot is enough: the loop waits for one thing at a time. */
  function orFailure<T>(start: (resolve: (value: T) => void) => void): Promise<T> {
    check();
    return new Promise<T>((resolve, reject) => {
      interrupt = reject;
      start(resolve);
    });
  }

  async function flush(): Promise<void> {
    check();
    gatherText();
    if (gathered.length === 0) return;
    const pieces = gathered;
    gathered = [];
    gatheredBytes = 0;
    beforeWrite?.();
    socket.cork();
    const last = pieces.length - 1;
    for (let at = 0; at < last; at += 1) socket.write(pieces[at]!);
    // All are taken when the last one is.
    socket.write(pieces[last]!, onTaken);
    socket.uncork();
    onProgress();
    // What the kernel took at once drains nothing.
    if (socket.writableLength === 0 || !socket.writableNeedDrain) return;
    await orFailure<void>((resolve) => {
      drained = resolve;
    });
    drained = undefined;
  }

  function onTaken(): void {
    if (socket.writableLength === 0) emptied?.();
  }

  async function letGo(): Promise<void> {
    await flush();
    if (socket.writableLength === 0) return;
    await orFailure<void>((resolve) => {
      emptied = resolve;
    });
    emptied = undefined;
    onProgress();
  }

  /** Text becomes bytes when others follow, or when it is written: most of it is short. */
  function gatherText(): void {
    if (text === '') return;
    const bytes = Buffer.from(text);
    text = '';
    gathered.push(bytes);
    gatheredBytes += bytes.length;
  }

  function gather(bytes: Buffer): void {
    gatherText();
    gathered.push(bytes);
    gatheredBytes += bytes.length;
  }

  const isLot = (): boolean => gatheredBytes + text.length >= WRITE_LOT;

  async function put(bytes: Buffer): Promise<void> {
    check();
    if (bytes.length === 0) return;
    gather(bytes);
    if (isLot()) await flush();
  }

  async function putPassing(bytes: Buffer): Promise<void> {
    check();
    if (gatheredBytes + text.length + bytes.length < WRITE_LOT) return gather(Buffer.from(bytes));
    gather(bytes);
    await letGo();
  }

  return {
    say(more) {
      text += more;
    },
    gather,
    isLot,
    put,
    putPassing,
    flush,
    letGo,
    orFailure,
    onDrain: () => drained?.(),
    fail(error) {
      failure ??= error;
      gathered = [];
      text = '';
      interrupt?.(error);
    },
  };
}
