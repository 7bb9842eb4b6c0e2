/** TLS on an accepted socket: at once on the imaps port, after STARTTLS on the imap port. */
import type { Socket } from 'node:net';
import { TLSSocket, type SecureContext } from 'node:tls';
import type { DoorFault } from '#directory/index.ts';
import { CausewayError } from '#errors/index.ts';

/**
 * Resolves when the handshake is done. What the client sends next is read only when somebody listens.
 * @param context carries the floor of the versions
 * @param named for the host that the client names, where hosts have certificates of their own
 * @param onFault told why there is no handshake, where OpenSSL says it, and for which host it was
 * @throws CausewayError `protocol` when there is no handshake; the socket is destroyed then
 */
export function secure(socket: Socket, context: SecureContext, signal: AbortSignal, named?: (host: string) => SecureContext, onFault: (fault: DoorFault, host: string) => void = () => {}): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    // Asked for only where it is needed: it costs a way out of OpenSSL and back in each handshake.
    const SNICallback = named === undefined ? undefined : (host: string, done: (error: Error | null, chosen?: SecureContext) => void): void => done(null, named(host));
    let shaken = false;
    const wrapped = new TLSSocket(socket, { isServer: true, secureContext: context, SNICallback });
    const fail = (): void => {
      signal.removeEventListener('abort', fail);
      wrapped.destroy();
      socket.destroy();
      reject(new CausewayError('protocol', 'no TLS handshake'));
    };
    // A broken record after the handshake ends the connection: without a tls.Server Node reports it only here.
    wrapped.on('_tlsError', ({ code = '' }: NodeJS.ErrnoException) => {
      const fault = shaken ? undefined : FAULTS.find(([pattern]) => pattern.test(code))?.[1];
      if (fault !== undefined) onFault(fault, hostOf(wrapped));
      wrapped.destroy();
    });
    wrapped.on('error', () => {});
    wrapped.once('close', fail);
    signal.addEventListener('abort', fail, { once: true });
    wrapped.once('secure', () => {
      shaken = true;
      wrapped.off('close', fail);
      signal.removeEventListener('abort', fail);
      resolve(wrapped);
    });
    if (signal.aborted) fail();
  });
}

/** By OpenSSL's own words. What is not here says nothing that helps: a client that went. */
const FAULTS: readonly (readonly [RegExp, DoorFault])[] = [
  [/UNSUPPORTED_PROTOCOL|VERSION_TOO_LOW|NO_SHARED_CIPHER|INAPPROPRIATE_FALLBACK|ALERT_PROTOCOL_VERSION|ALERT_HANDSHAKE_FAILURE/, 'old-tls'],
  [/ALERT_(?:UNKNOWN_CA|CERTIFICATE_UNKNOWN|BAD_CERTIFICATE|CERTIFICATE_EXPIRED|UNRECOGNIZED_NAME)/, 'certificate'],
  [/WRONG_VERSION_NUMBER|HTTP_REQUEST|UNKNOWN_PROTOCOL/, 'no-tls'],
];

/** The host that a client named (RFC 6066, 3); empty where it named none. Node tells it only after a handshake, its handle before. */
function hostOf(socket: TLSSocket): string {
  const handle = (socket as { _handle?: { getServername?(): string | false } | null })._handle;
  return handle?.getServername?.() || '';
}
