/**
 * Where a platform's service is, and the sockets to it.
 *
 * Invariant: where the service expects a PROXY header, it goes before every other byte, TLS's too.
 */
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { CausewayError, messageOf } from '#errors/index.ts';
import { formatProxyHeader, type Origin } from '#wire/proxy.ts';
import type { ReadBuffer } from './read-buffer.ts';

export type Endpoint = {
  readonly host: string;
  readonly port: number;
  /** `starttls` by each protocol's own command: STARTTLS, or POP3's STLS (RFC 2595). */
  readonly tls: 'implicit' | 'starttls' | 'plain';
  /** PEM, instead of the system's authorities. */
  readonly ca?: string;
  /** The name that the certificate must have, where it is not `host`. */
  readonly servername?: string;
  /** As the configuration has it. `proxy`: the service expects a PROXY header on each connection. */
  readonly clientAddress?: string | undefined;
  /** For whom we connect; absent: for ourselves. */
  readonly behalfOf?: Origin;
};

/**
 * Over TLS where `tls` is `implicit`.
 * @param onSocket told of each socket before it is connected, so that it can be destroyed
 * @param reads what its bytes are read into, and told by, instead of `data` events; not where TLS is begun later on
 * @throws CausewayError 'unavailable'
 */
export async function openSocket(endpoint: Endpoint, onSocket: (socket: Socket) => void, reads?: ReadBuffer): Promise<Socket> {
  const { host, port, tls, clientAddress, behalfOf } = endpoint;
  if (tls === 'implicit' && clientAddress !== 'proxy') return openTls(endpoint, onSocket, undefined, reads);
  const socket = await ready(connectTcp({ host, port, ...(reads === undefined ? {} : { onread: reads.onread }) }), 'connect', endpoint, onSocket);
  if (clientAddress === 'proxy') socket.write(formatProxyHeader(behalfOf, { address: socket.remoteAddress ?? '', port }));
  return tls === 'implicit' ? openTls(endpoint, onSocket, socket) : socket;
}

/** TLS over `socket`, or over a new one, which may be read into `reads`. */
export function openTls(endpoint: Endpoint, onSocket: (socket: Socket) => void, socket?: Socket, reads?: ReadBuffer): Promise<Socket> {
  const { host, port, ca } = endpoint;
  // RFC 6066 section 3: no server name indication for an address.
  const servername = endpoint.servername ?? (isIP(host) === 0 ? host : undefined);
  return ready(connectTls({ host, port, ca, servername, socket, minVersion: 'TLSv1.2', ...(reads === undefined ? {} : { onread: reads.onread }) }), 'secureConnect', endpoint, onSocket);
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
      // Commands are small and wait for nothing: Nagle's algorithm would hold them back.
      socket.setNoDelay(true);
      // An idling connection sends nothing for minutes; a peer that is gone must show some day.
      socket.setKeepAlive(true, 60_000);
      resolve(socket);
    });
  });
}
