/**
 * A POP3 connection for one sign-in: single-line commands and answers, one at a time.
 *
 * Invariants: with `starttls` not a byte of the unencrypted part is believed afterwards: bytes that came between its
 * +OK and TLS are an attack (CVE-2011-0411). All of it ends with the signal; nothing waits after that.
 */
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { CausewayError, messageOf } from '#errors/index.ts';

export type Pop3Endpoint = {
  readonly host: string;
  readonly port: number;
  /** `starttls` is STLS (RFC 2595). */
  readonly tls: 'implicit' | 'starttls' | 'plain';
  /** PEM, instead of the system's authorities. */
  readonly ca?: string | undefined;
};

/** `code`: in upper case, of an extended response (RFC 2449 section 8). `text` is without it. */
export type Pop3Reply = { readonly ok: boolean; readonly code?: string; readonly text: string };

export type Pop3Connection = {
  readonly place: string;
  command(line: string): Promise<Pop3Reply>;
  /** Says QUIT, which nobody waits for. */
  end(): void;
};

/** RFC 2449 section 4: answers have at most 512 bytes; some servers' greetings have more. */
const LONGEST_LINE = 4096;

/** A server that has not closed by then is left. */
const FAREWELL_MS = 1000;

/** Connects, TLS included, and reads the greeting. @throws CausewayError('unavailable' | 'protocol' | 'aborted') */
export async function openPop3(endpoint: Pop3Endpoint, signal: AbortSignal): Promise<Pop3Connection> {
  const place = `${endpoint.host}:${endpoint.port}`;
  let line = converse(dial(endpoint), place, signal);
  const command = (text: string): Promise<Pop3Reply> => {
    line.send(text);
    return line.reply();
  };
  try {
    await line.ready(endpoint.tls === 'implicit' ? 'secureConnect' : 'connect');
    const greeting = await line.reply();
    if (!greeting.ok) throw new CausewayError('unavailable', 'the server greets with -ERR', { place });
    if (endpoint.tls === 'starttls') {
      if (!(await command('STLS')).ok) {
        throw new CausewayError('unavailable', 'the server does not take STLS', { place, retryable: false, remedy: 'use tls: implicit where it has a port for it' });
      }
      line = converse(secure(endpoint, line.release()), place, signal);
      await line.ready('secureConnect');
    }
  } catch (error) {
    line.destroy();
    throw error;
  }
  return {
    place,
    command,
    end() {
      line.send('QUIT');
      line.farewell();
    },
  };
}

function dial(endpoint: Pop3Endpoint): Socket {
  return endpoint.tls === 'implicit' ? secure(endpoint) : connectTcp({ host: endpoint.host, port: endpoint.port });
}

function secure({ host, port, ca }: Pop3Endpoint, socket?: Socket): Socket {
  // RFC 6066 section 3: no server name indication for an address.
  const servername = isIP(host) === 0 ? host : undefined;
  return connectTls({ host, port, ca, servername, socket, minVersion: 'TLSv1.2' });
}

type Conversation = {
  ready(event: 'connect' | 'secureConnect'): Promise<void>;
  send(line: string): void;
  reply(): Promise<Pop3Reply>;
  /** The bare socket, for TLS. @throws CausewayError('protocol') when bytes came already */
  release(): Socket;
  /** Ends our side now, and the rest when the server has closed or a second has passed. */
  farewell(): void;
  destroy(): void;
};

function converse(socket: Socket, place: string, signal: AbortSignal): Conversation {
  let received = Buffer.alloc(0);
  let fault: CausewayError | undefined;
  /** At most one, since commands go one at a time. */
  let waiting: (() => void) | undefined;

  const fail = (error: CausewayError): void => {
    fault ??= error;
    waiting?.();
    socket.destroy();
  };
  const onAbort = (): void => fail(new CausewayError('aborted', 'the sign-in was given up', { place }));
  const onData = (chunk: Buffer): void => {
    received = Buffer.concat([received, chunk]);
    if (received.length > LONGEST_LINE) fail(new CausewayError('protocol', 'the server sends a line without an end', { place }));
    waiting?.();
  };
  const onClose = (): void => {
    signal.removeEventListener('abort', onAbort);
    fail(new CausewayError('unavailable', 'the server closed the connection', { place }));
  };
  socket.setNoDelay(true);
  // Stays: an error without a listener would end the process.
  socket.on('error', (cause) => fail(new CausewayError('unavailable', `cannot connect: ${messageOf(cause)}`, { place, cause })));
  socket.on('data', onData);
  socket.on('close', onClose);
  if (signal.aborted) onAbort();
  else signal.addEventListener('abort', onAbort, { once: true });

  /** Resolves when `done` gives something; rejects with the first fault. */
  async function until<T>(done: () => T | undefined): Promise<T> {
    for (;;) {
      const found = done();
      if (found !== undefined) return found;
      if (fault !== undefined) throw fault;
      await new Promise<void>((resolve) => (waiting = resolve));
    }
  }

  function nextLine(): string | undefined {
    const end = received.indexOf(10);
    if (end < 0) return undefined;
    const line = received.subarray(0, end).toString('utf8').replace(/\r$/, '');
    received = received.subarray(end + 1);
    return line;
  }

  return {
    async ready(event) {
      let open = false;
      socket.once(event, () => {
        open = true;
        waiting?.();
      });
      await until(() => open || undefined);
    },
    send: (line) => void socket.write(`${line}\r\n`),
    reply: async () => parseReply(await until(nextLine), place),
    release() {
      if (received.length > 0) throw new CausewayError('protocol', 'bytes between STLS and TLS: somebody injects them', { place });
      socket.off('data', onData);
      socket.off('close', onClose);
      signal.removeEventListener('abort', onAbort);
      return socket;
    },
    farewell() {
      signal.removeEventListener('abort', onAbort);
      socket.end();
      socket.setTimeout(FAREWELL_MS, () => socket.destroy());
    },
    destroy: () => void socket.destroy(),
  };
}

/** @throws CausewayError('protocol') for what is neither +OK nor -ERR */
export function parseReply(line: string, place: string): Pop3Reply {
  const parts = /^(\+OK|-ERR)(?:\s+\[([^\]\s]{1,64})\])?(?:\s+(.*))?$/is.exec(line);
  if (parts === null) throw new CausewayError('protocol', 'the server answers neither +OK nor -ERR', { place });
  const ok = parts[1]!.toUpperCase() === '+OK';
  return { ok, ...(parts[2] === undefined ? {} : { code: parts[2].toUpperCase() }), text: parts[3] ?? '' };
}
