/** TLS on an accepted socket: at once on the imaps port, after STARTTLS on the imap port. */
import type { Socket } from 'node:net';
import { TLSSocket, type SecureContext } from 'node:tls';
import { CausewayError } from '#errors/index.ts';

/**
 * Resolves when the handshake is done. What the client sends next is read only when somebody listens.
 * @param context made with `minVersion: 'TLSv1.2'` (RFC 8996)
 * @throws CausewayError `protocol` when there is no handshake; the socket is destroyed then
 */
export function secure(socket: Socket, context: SecureContext, signal: AbortSignal): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const wrapped = new TLSSocket(socket, { isServer: true, secureContext: context });
    const fail = (): void => {
      signal.removeEventListener('abort', fail);
      wrapped.destroy();
      socket.destroy();
      reject(new CausewayError('protocol', 'no TLS handshake'));
    };
    // A broken record after the handshake ends the connection: without a tls.Server Node reports it only here.
    wrapped.on('_tlsError', () => wrapped.destroy());
    wrapped.on('error', () => {});
    wrapped.once('close', fail);
    signal.addEventListener('abort', fail, { once: true });
    wrapped.once('secure', () => {
      wrapped.off('close', fail);
      signal.removeEventListener('abort', fail);
      resolve(wrapped);
    });
    if (signal.aborted) fail();
  });
}
