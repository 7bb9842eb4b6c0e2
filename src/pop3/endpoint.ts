/** Where a platform's POP3 is, and the sockets to it. */
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { CausewayError, messageOf } from '#errors/index.ts';

export type Endpoint = {
  readonly host: string;
  readonly port: number;
  /** `starttls` is POP3's STLS (RFC 2595). */
  readonly tls: 'implicit' | 'starttls' | 'plain';
  /** PEM, instead of the system's authorities. */
  readonly ca?: string;
};

/** @param onSocket told of the socket before it is connected, so that it can be destroyed */
export function openSocket(endpoint: Endpoint, onSocket: (socket: Socket) => void): Promise<Socket> {
  if (endpoint.tls === 'implicit') return openTls(endpoint, onSocket);
  return ready(connectTcp({ host: endpoint.host, port: endpoint.port }), 'connect', endpoint, onSocket);
}

/** TLS over `socket`, or over a new one. */
export function openTls(endpoint: Endpoint, onSocket: (socket: Socket) => void, socket?: Socket): Promise<Socket> {
  const { host, port, ca } = endpoint;
  // RFC 6066 section 3: no server name indication for an address.
  const servername = isIP(host) === 0 ? host : undefined;
  return ready(connectTls({ host, port, ca, servername, socket, minVersion: 'TLSv1.2' }), 'secureConnect', endpoint, onSocket);
}

function ready(socket: Socket, event: 'connect' | 'secureConnect', { host, port }: Endpoint, onSocket: (socket: Socket) => void): Promise<Socket> {
  onSocket(socket);
  return new Promise((resolve, reject) => {
    const fail = (cause?: unknown): void => {
      const why = cause === undefined ? 'closed' : messageOf(cause);
      reject(new CausewayError('unavailable', `cannot connect: ${why}`, { place: `${host}:${port}`, cause }));
    };
    const onClose = (): void => fail();
    // Stays: an error without a listener would end the process.
    socket.on('error', fail);
    socket.once('close', onClose);
    socket.once(event, () => {
      socket.off('close', onClose);
      socket.setNoDelay(true);
      // A peer that is gone must show some day.
      socket.setKeepAlive(true, 60_000);
      resolve(socket);
    });
  });
}
