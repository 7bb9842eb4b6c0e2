/** TLS on an accepted socket: at once on the imaps port, after STARTTLS on the imap port. */
import type { Socket } from 'node:net';
import { TLSSocket, type SecureContext } from 'node:tls';
import { CausewayError } from '#errors/index.ts';

/**
 * Resolves when the handshake is done. What the client sends next is read only when somebody listens.
 * @param context carries the floor of the versions
 * @param named for the host that the client names, where hosts have certificates of their own
 * @throws CausewayError `protocol` when there is no handshake; the socket is destroyed then
 */
export function secure(socket: Socket, context: SecureContext, signal: AbortSignal, named?: (host: string) => SecureContext): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    // Asked for only where it is needed: it costs a way out of OpenSSL and back in each handshake.
    const SNICallback = named === undefined ? undefined : (host: string, done: (error: Error | null, chosen?: SecureContext) => void): void => done(null, named(host));
    const wrapped = new TLSSocket(socket, { isServer: true, secureContext: context, SNICallback });
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
