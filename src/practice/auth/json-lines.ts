/** JSON objects, one a line, out of a stream of bytes. Both ends are ours; a line beyond the cap ends the connection. */
import type { Socket } from 'node:net';

/** 128 KiB: a login name and a secret from an IMAP line of at most 64 KiB, escaped. */
const LONGEST = 128 * 1024;

export function onJsonLines(socket: Socket, take: (value: unknown) => void): void {
  let held = '';
  socket.setEncoding('utf8');
  socket.on('data', (chunk: string) => {
    const lines = (held + chunk).split('\n');
    held = lines.pop() ?? '';
    if (held.length > LONGEST) socket.destroy();
    for (const line of lines) {
      let value: unknown;
      try {
        value = JSON.parse(line);
      } catch {
        socket.destroy();
        return;
      }
      take(value);
    }
  });
}
