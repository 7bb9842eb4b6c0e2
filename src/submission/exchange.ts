/**
 * Commands and replies over one socket, one at a time.
 *
 * Invariants: a reply that does not come in time, one that is too long, and an end of the connection reject. No message
 * holds what was sent, nor what the server said: it may repeat it.
 */
import type { Socket } from 'node:net';
import { CausewayError } from '#errors/index.ts';
import type { Clock } from '#events/clock.ts';
import { createReplyReader, type Reply } from '#wire/smtp/reply.ts';

export type Exchange = {
  /** The next reply. */
  reply(): Promise<Reply>;
  /** Sends `command`, without CRLF, and gives the reply to it. */
  ask(command: string): Promise<Reply>;
  /** Stops reading and gives back what was read and not used. */
  release(): Buffer;
};

export function createExchange(socket: Socket, { clock, answerMs, place }: { clock: Clock; answerMs: number; place: string }): Exchange {
  const reader = createReplyReader();
  let over = socket.destroyed;
  let wake: () => void = () => {};
  const onData = (chunk: Buffer): void => {
    reader.push(chunk);
    socket.pause(); // until it is asked for: a reply is small, and nothing else is due
    wake();
  };
  const onOver = (): void => {
    over = true;
    wake();
  };
  socket.on('data', onData);
  socket.on('end', onOver);
  socket.on('close', onOver);

  async function reply(): Promise<Reply> {
    let late = false;
    const cancel = clock.after(answerMs, () => {
      late = true;
      wake();
    });
    try {
      for (;;) {
        const read = reader.read();
        if (read !== undefined) return read;
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
  }

  return {
    reply,
    ask(command) {
      socket.write(`${command}\r\n`, 'utf8');
      return reply();
    },
    release() {
      socket.off('data', onData);
      socket.off('end', onOver);
      socket.off('close', onOver);
      socket.pause();
      return reader.rest();
    },
  };
}
