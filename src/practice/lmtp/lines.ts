/** A socket's bytes as lines or, for a message, as they come. Read only when asked for. */
import type { Socket } from 'node:net';

/** RFC 5321 4.5.3.1.4 asks for 512 and extensions add to it; a path is at most 256. */
const LONGEST = 8 * 1024;

export type Lines = {
  /** The next line without its end; undefined at the end of the connection or of our patience. */
  next(): Promise<string | undefined>;
  /** What there is; undefined at the end of the connection. */
  chunk(): Promise<Buffer | undefined>;
  /** Gives back what was not used of a chunk. */
  unread(bytes: Buffer): void;
};

export function createLines(socket: Socket): Lines {
  const chunks = socket[Symbol.asyncIterator]();
  let held = Buffer.alloc(0);

  async function more(): Promise<Buffer | undefined> {
    const chunk = await chunks.next().catch(() => undefined);
    return chunk === undefined || chunk.done ? undefined : (chunk.value as Buffer);
  }

  return {
    async next() {
      for (;;) {
        const end = held.indexOf(10);
        if (end >= 0) {
          const line = held.subarray(0, end).toString('utf8').replace(/\r$/, '');
          held = held.subarray(end + 1);
          return line;
        }
        if (held.length > LONGEST) return undefined;
        const chunk = await more();
        if (chunk === undefined) return undefined;
        held = Buffer.concat([held, chunk]);
      }
    },
    async chunk() {
      const waiting = held;
      held = Buffer.alloc(0);
      return waiting.length > 0 ? waiting : more();
    },
    unread(bytes) {
      held = Buffer.from(bytes);
    },
  };
}
