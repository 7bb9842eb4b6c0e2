/** A client of a few lines for this room's tests: what is sent and what comes back, as latin1 text. */
import { connect, type Socket } from 'node:net';

export type RawClient = {
  /** Sends a command and returns all up to its tagged reply, without the tag: the reply is the last line. */
  run(command: string): Promise<string[]>;
  send(text: string): void;
  /** Waits for text that the pattern matches, and returns all up to the end of the match. */
  until(pattern: RegExp): Promise<string>;
  readonly closed: Promise<void>;
  /** Sends no more, but still reads. */
  end(): void;
  close(): void;
};

export async function rawClient(port: number): Promise<RawClient> {
  const socket: Socket = connect(port, '127.0.0.1');
  let text = '';
  let wake = (): void => {};
  let ended = false;
  socket.setEncoding('latin1');
  socket.on('data', (chunk: string) => {
    text += chunk;
    wake();
  });
  socket.on('error', () => {});
  const closed = new Promise<void>((resolve) => {
    socket.on('close', () => {
      ended = true;
      wake();
      resolve();
    });
  });
  let last = 0;

  async function until(pattern: RegExp): Promise<string> {
    for (;;) {
      const match = pattern.exec(text);
      if (match) {
        const all = text.slice(0, match.index + match[0].length);
        text = text.slice(all.length);
        return all;
      }
      if (ended) throw new Error(`closed after ${JSON.stringify(text)}`);
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  }

  const client: RawClient = {
    async run(command) {
      last += 1;
      const tag = `t${last}`;
      socket.write(`${tag} ${command}\r\n`, 'latin1');
      const all = await until(new RegExp(`(?:^|\\r\\n)${tag} [^\\r\\n]*\\r\\n`));
      const lines = all.slice(0, -2).split('\r\n');
      lines.push((lines.pop() ?? '').slice(tag.length + 1));
      return lines;
    },
    send: (bytes) => void socket.write(bytes, 'latin1'),
    until,
    closed,
    end: () => void socket.end(),
    close: () => socket.destroy(),
  };
  return client;
}
