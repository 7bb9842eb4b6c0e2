/**
 * The writing side of a connection: answers are collected and written when the client has nothing more to say, or when
 * 64 KiB wait, so that a pipeline of small commands costs few writes and a client that does not read costs no memory.
 */
import type { Socket } from 'node:net';

const ENOUGH = 64 * 1024;
/** Messages answered from memory before others get a turn. */
const TURN = 200;

export type Output = {
  /** One line of latin1, without its CRLF. */
  line(text: string): void;
  /** Part of a line. */
  part(bytes: string | Buffer): void;
  /** Writes what waits; resolves when the client has room for more, or is gone. */
  flush(): Promise<void>;
  /** In long answers, between two messages: flushes when enough waits, and lets other sessions run now and then. */
  breathe(): Promise<void> | undefined;
  /** Bytes that the client has not taken. */
  waiting(): number;
  /** For an answer that was begun and cannot be kept to: nothing that follows could be understood. */
  destroy(): void;
};

export function createOutput(socket: Socket): Output {
  let parts: Buffer[] = [];
  let size = 0;
  let turns = 0;

  const part = (bytes: string | Buffer): void => {
    const buffer = typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes;
    parts.push(buffer);
    size += buffer.length;
  };

  function flush(): Promise<void> {
    const all = parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts, size);
    parts = [];
    size = 0;
    if (all.length === 0 || !socket.writable || socket.write(all)) return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        socket.off('drain', done);
        socket.off('close', done);
        resolve();
      };
      socket.on('drain', done);
      socket.on('close', done);
    });
  }

  return {
    line: (text) => part(`${text}\r\n`),
    part,
    flush,
    breathe() {
      if (size >= ENOUGH) return flush();
      turns += 1;
      return turns % TURN === 0 ? new Promise((resolve) => setImmediate(resolve)) : undefined;
    },
    waiting: () => size + socket.writableLength,
    destroy: () => void socket.destroy(),
  };
}
