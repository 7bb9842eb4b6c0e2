/**
 * What a peer answers over one socket, waited for: the part of a client's exchange that is one for all protocols.
 *
 * Invariants: what does not come in time, and an end of the connection, reject. Nothing is read while nobody waits: an
 * answer is small, and nothing else is due.
 */
import type { Socket } from 'node:net';
import { CausewayError } from '#errors/index.ts';
import type { Clock } from '#events/clock.ts';

export type ExchangeOptions = { readonly clock: Clock; readonly answerMs: number; readonly place: string };

export type Incoming = {
  /** What `take` gives first, asked again whenever more has come. @throws CausewayError `unavailable`, and what `take` throws */
  next<T>(take: () => T | undefined): Promise<T>;
  /** Stops reading; the socket is paused. */
  release(): void;
};

/** @param push takes what came, for `take` */
export function createIncoming(socket: Socket, push: (chunk: Buffer) => void, { clock, answerMs, place }: ExchangeOptions): Incoming {
  let over = socket.destroyed;
  let wake: () => void = () => {};
  const onData = (chunk: Buffer): void => {
    push(chunk);
    socket.pause();
    wake();
  };
  const onOver = (): void => {
    over = true;
    wake();
  };
  socket.on('data', onData);
  socket.on('end', onOver);
  socket.on('close', onOver);

  return {
    async next(take) {
      let late = false;
      const cancel = clock.after(answerMs, () => {
        late = true;
        wake();
      });
      try {
        for (;;) {
          const taken = take();
          if (taken !== undefined) return taken;
          if (over) throw new CausewayError('unavailable', 'the server closed the connection', { place });
          if (late) throw new CausewayError('unavailable', `no answer within ${answerMs} ms`, { place });
          socket.resume();
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
      } finally {
        cancel();
      }
    },
    release() {
      socket.off('data', onData);
      socket.off('end', onOver);
      socket.off('close', onOver);
      socket.pause();
    },
  };
}
