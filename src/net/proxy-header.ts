/**
 * Takes the PROXY header off a connection before anything else reads from it.
 *
 * Invariants: the bytes behind the header are put back, and the socket is paused: whoever comes next, TLS or a reader of
 * lines, finds them first. Without a whole and right header in time nothing of the connection is believed.
 */
import type { Socket } from 'node:net';
import { CausewayError } from '#errors/index.ts';
import { parseProxyHeader, type Origin } from '#wire/proxy.ts';

/**
 * Whom the proxy speaks for; undefined when it speaks for itself.
 * @throws CausewayError `protocol` or `limit` for what is no header, `aborted` when the connection or the time (`signal`)
 *   ended before it was there. The caller destroys the socket then.
 */
export function takeProxyHeader(socket: Socket, signal: AbortSignal): Promise<Origin | undefined> {
  return new Promise((resolve, reject) => {
    let seen: Buffer = Buffer.alloc(0);
    const stop = (): void => {
      socket.off('data', onData);
      socket.off('end', onGone);
      socket.off('close', onGone);
      signal.removeEventListener('abort', onGone);
      socket.pause();
    };
    const onGone = (): void => {
      stop();
      reject(new CausewayError('aborted', signal.aborted ? 'no PROXY header in time' : 'the connection ended before its PROXY header'));
    };
    const onData = (chunk: Buffer): void => {
      // At most a header's length is ever kept, so bytes that come one by one cost little.
      seen = seen.length === 0 ? chunk : Buffer.concat([seen, chunk]);
      try {
        const header = parseProxyHeader(seen);
        if (header === undefined) return;
        stop();
        if (seen.length > header.length) socket.unshift(seen.subarray(header.length));
        resolve(header.source);
      } catch (error) {
        stop();
        reject(error as CausewayError);
      }
    };
    socket.on('end', onGone);
    socket.on('close', onGone);
    signal.addEventListener('abort', onGone, { once: true });
    if (signal.aborted || socket.destroyed) onGone();
    else socket.on('data', onData);
  });
}
