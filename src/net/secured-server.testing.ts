/** A server for tests that speaks within TLS from the first byte, or from where its script begins it. */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { createSecureContext, TLSSocket } from 'node:tls';
import { type LoopbackCertificate, makeLoopbackCertificate } from './loopback-certificate.testing.ts';

/** @param begin TLS: the same conversation then starts again within it */
export type Converse = (socket: Socket, isSecure: boolean, begin: () => void) => void;

export type SecuredServer = { readonly port: number; /** Vouches for it. */ readonly ca: string; /** Ends all connections; it goes on listening. */ cut(): void; close(): void };

let certificate: Promise<LoopbackCertificate> | undefined;

export async function serveSecured(isImplicit: boolean, converse: Converse): Promise<SecuredServer> {
  const { cert, key } = await (certificate ??= makeLoopbackCertificate());
  const sockets = new Set<Socket>();
  const secured = (socket: Socket): Socket => new TLSSocket(socket, { isServer: true, secureContext: createSecureContext({ cert, key }) });
  const begin = (socket: Socket, isSecure: boolean): void => {
    sockets.add(socket);
    socket.on('error', () => {});
    converse(socket, isSecure, () => {
      socket.removeAllListeners('data');
      begin(secured(socket), true);
    });
  };
  const server = createServer((raw) => {
    raw.on('error', () => {});
    begin(isImplicit ? secured(raw) : raw, isImplicit);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    ca: cert,
    cut,
    close() {
      cut();
      server.close();
    },
  };
}
