/** A server for tests that says what its script says, and fails the test when the client says something else. */
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { createManualClock } from '#events/manual-clock.testing.ts';
import { connect, type ConnectOptions, type Endpoint, type ImapConnection } from './connect.ts';

export type Peer = {
  readonly socket: Socket;
  send(bytes: string | Buffer): void;
  /** One byte after the other, each in a turn of its own. */
  drip(text: string): Promise<void>;
  /** The client's next line, without its CRLF. */
  line(): Promise<string>;
  /** Reads lines up to one that begins so. */
  until(start: string): Promise<void>;
  bytes(count: number): Promise<Buffer>;
  /** `S: ` lines are sent, `C: ` lines must come. */
  play(...transcript: string[]): Promise<void>;
  /** Whether the client has sent what was not read yet. */
  unread(): string;
  /** After the client has closed. */
  end(): Promise<void>;
};

export type ScriptedServer = { readonly endpoint: Endpoint; readonly done: Promise<void>; close(): void };

export async function startServer(script: (peer: Peer) => Promise<void>): Promise<ScriptedServer> {
  const server = createServer({ noDelay: true });
  const sockets = new Set<Socket>();
  const { promise: done, resolve, reject } = Promise.withResolvers<void>();
  done.catch(() => {});
  server.on('connection', (socket) => {
    sockets.add(socket);
    script(createPeer(socket)).then(resolve, reject);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    endpoint: { host: '127.0.0.1', port: (server.address() as AddressInfo).port, tls: 'plain' },
    done,
    close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

export const GREETING = '* OK [CAPABILITY IMAP4rev1 LITERAL+ UIDPLUS SASL-IR] ready\r\n';

/** Runs `client` against `script`, and both to their ends. The greeting is sent before the script. */
export async function converse(
  script: (peer: Peer) => Promise<void>,
  client: (connection: ImapConnection) => Promise<void>,
  options: Partial<ConnectOptions> & { greeting?: string } = {},
): Promise<void> {
  const server = await startServer(async (peer) => {
    peer.send(options.greeting ?? GREETING);
    await script(peer);
  });
  try {
    const connection = await connect(server.endpoint, { ...testOptions(), ...options });
    try {
      await Promise.all([client(connection), server.done]);
    } finally {
      connection.destroy();
      await connection.closed;
    }
  } finally {
    server.close();
  }
}

export function testOptions(): ConnectOptions {
  return { clock: createManualClock(), connectMs: 5000, commandMs: 5000 };
}

function createPeer(socket: Socket): Peer {
  let held = Buffer.alloc(0);
  const closed = new Promise<void>((resolve) => {
    socket.on('close', () => resolve());
  });
  let ended = false;
  let wake = (): void => {};
  socket.on('error', () => {});
  socket.on('data', (chunk) => {
    held = Buffer.concat([held, chunk]);
    wake();
  });
  socket.on('close', () => {
    ended = true;
    wake();
  });

  async function ready(is: () => boolean): Promise<void> {
    while (!is()) {
      if (ended) throw new Error(`the client closed; unread: ${held.toString('latin1')}`);
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  }

  async function bytes(count: number): Promise<Buffer> {
    await ready(() => held.length >= count);
    const taken = held.subarray(0, count);
    held = held.subarray(count);
    return taken;
  }

  async function line(): Promise<string> {
    await ready(() => held.includes('\r\n'));
    const text = (await bytes(held.indexOf('\r\n'))).toString('latin1');
    await bytes(2);
    return text;
  }

  return {
    socket,
    send: (text) => void socket.write(text),
    async drip(text) {
      for (const byte of Buffer.from(text)) {
        socket.write(Buffer.of(byte));
        await new Promise(setImmediate);
      }
    },
    line,
    async until(start) {
      for (;;) if ((await line()).startsWith(start)) return;
    },
    bytes,
    async play(...transcript) {
      for (const entry of transcript) {
        const text = entry.slice(3);
        if (entry.startsWith('S: ')) {
          socket.write(`${text}\r\n`);
        } else {
          const said = await line();
          if (said !== text) throw new Error(`the client said: ${said}\nexpected: ${text}`);
        }
      }
    },
    unread: () => held.toString('latin1'),
    end: () => closed,
  };
}

export async function collect(body: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks);
}

export async function* bodyOf(...pieces: (string | Buffer)[]): AsyncIterable<Buffer> {
  for (const piece of pieces) yield Buffer.from(piece);
}

/** The error that a promise rejects with. */
export async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('expected a rejection');
}
