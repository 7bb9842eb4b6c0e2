/**
 * A customer's connection: TLS 1.2 resumed where the front takes the ticket, else a full handshake by Node. Each customer
 * has an address of its own in 127.0.0.0/8.
 */
import { connect as connectTcp } from 'node:net';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';
import { readTicket, resumeTls, SESSION_OPTIONS, type Ticket } from './resumed-tls.ts';

export type Connection = { send(text: string): void; destroy(): void };
/** `closed` comes once, and not after `destroy`. */
export type Handlers = { text(text: string): void; closed(): void };

export type Dialler = {
  open(customer: number, handlers: Handlers): Connection;
  readonly counts: { handshakes: number; notResumed: number; open: number };
};

/** All that is read goes through the same memory: what is said is short. */
const BUFFER = Buffer.alloc(65_536);

function addressOf(customer: number): string {
  return `127.${1 + (customer >> 16)}.${(customer >> 8) & 255}.${customer & 255}`;
}

/** Signs in once with a full handshake and leaves with the ticket. Undefined where there is none. */
export function getTicket(port: number): Promise<Ticket | undefined> {
  return new Promise((resolve, reject) => {
    const socket = connectTls({ host: '127.0.0.1', port, rejectUnauthorized: false, ...SESSION_OPTIONS });
    socket.on('error', reject);
    socket.once('close', () => reject(new Error('the front closed the connection before its greeting')));
    socket.once('data', () => {
      const session = socket.getSession();
      socket.destroy();
      resolve(session === undefined ? undefined : readTicket(session));
    });
  });
}

export function createDialler(port: number, ticket: Ticket | undefined): Dialler {
  const counts = { handshakes: 0, notResumed: 0, open: 0 };

  function openFull(customer: number, handlers: Handlers): Connection {
    const options: ConnectionOptions & { localAddress: string } = { host: '127.0.0.1', port, localAddress: addressOf(customer), rejectUnauthorized: false, ...SESSION_OPTIONS };
    const socket = connectTls(options);
    counts.handshakes += 1;
    counts.notResumed += 1;
    counts.open += 1;
    let over = false;
    socket.setNoDelay(true);
    socket.on('error', () => {});
    socket.on('data', (chunk: Buffer) => void (over || handlers.text(chunk.toString('latin1'))));
    socket.once('end', () => socket.destroy());
    socket.once('close', () => {
      counts.open -= 1;
      if (!over) handlers.closed();
      over = true;
    });
    return {
      send: (text) => void socket.write(text, 'latin1'),
      destroy() {
        over = true;
        socket.destroy();
      },
    };
  }

  function openResumed(customer: number, resumed: Ticket, handlers: Handlers): Connection {
    let full: Connection | undefined;
    let over = false;
    const socket = connectTcp({
      host: '127.0.0.1',
      port,
      localAddress: addressOf(customer),
      noDelay: true,
      onread: {
        buffer: BUFFER,
        callback(length, bytes) {
          if (!over) tls.read(Buffer.from(bytes.buffer, bytes.byteOffset, length));
          return true;
        },
      },
    });
    counts.open += 1;
    const tls = resumeTls(resumed, {
      write: (bytes) => void socket.write(bytes),
      text: (text) => void (over || handlers.text(text)),
      on(event) {
        if (event === 'open') counts.handshakes += 1;
        else if (event === 'notResumed' && !over) {
          over = true;
          socket.destroy();
          full = openFull(customer, handlers);
        } else socket.destroy();
      },
    });
    socket.once('connect', () => {
      socket.write(tls.hello);
      socket.resume();
    });
    socket.on('error', () => {});
    socket.once('end', () => socket.destroy());
    socket.once('close', () => {
      counts.open -= 1;
      if (!over) handlers.closed();
      over = true;
    });
    return {
      send(text) {
        if (full === undefined) socket.write(tls.encrypt(text));
        else full.send(text);
      },
      destroy() {
        over = true;
        full?.destroy();
        socket.destroy();
      },
    };
  }

  return { open: (customer, handlers) => (ticket === undefined ? openFull(customer, handlers) : openResumed(customer, ticket, handlers)), counts };
}
