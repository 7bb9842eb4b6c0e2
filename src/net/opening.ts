/**
 * Opening a conversation with a platform's service within a time.
 *
 * Invariant: when an opening fails, is given up or takes too long, every socket that it made is destroyed, also one that
 * it makes afterwards.
 */
import type { Socket } from 'node:net';
import { CausewayError } from '#errors/index.ts';
import type { Clock } from '#events/clock.ts';
import type { Endpoint } from './endpoint.ts';

export type ConnectOptions = {
  readonly clock: Clock;
  /** For everything until the conversation is open, over TLS where it is wanted. */
  readonly connectMs: number;
  /** For each line of an answer. */
  readonly commandMs: number;
  /** Ends the opening; an open connection takes no notice of it. */
  readonly signal?: AbortSignal;
};

/** Told of a socket before it is connected, so that it can be destroyed. */
export type OnSocket = (socket: Socket) => void;

/**
 * Runs `open` within `connectMs`.
 * @param what is being opened, for the message of the error
 * @throws CausewayError 'unavailable' (too late), 'aborted' (by `signal`), or what `open` throws
 */
export async function openWithin<T>(what: string, endpoint: Endpoint, options: ConnectOptions, open: (onSocket: OnSocket) => Promise<T>): Promise<T> {
  const { clock, connectMs, signal } = options;
  const place = placeOf(endpoint);
  const sockets: Socket[] = [];
  let ended = false;
  const stop = Promise.withResolvers<never>();
  stop.promise.catch(() => {});
  const inTime = clock.after(connectMs, () => stop.reject(new CausewayError('unavailable', `no ${what} within ${connectMs} ms`, { place })));
  const onAbort = (): void => stop.reject(new CausewayError('aborted', 'connecting was given up', { place }));
  if (signal?.aborted) onAbort();
  signal?.addEventListener('abort', onAbort, { once: true });
  const opened = open((socket) => {
    sockets.push(socket);
    if (ended) socket.destroy();
  });
  try {
    return await Promise.race([opened, stop.promise]);
  } catch (error) {
    ended = true;
    for (const socket of sockets) socket.destroy();
    opened.catch(() => {}); // it fails now, if it has not
    throw error;
  } finally {
    inTime();
    signal?.removeEventListener('abort', onAbort);
  }
}

/** How an endpoint is named in errors. */
export function placeOf({ host, port }: Endpoint): string {
  return `${host}:${port}`;
}
